// Photos for an entry: made smaller on the phone, gathered, shown before they are sent. Without this module the fields still work.
//
// <fieldset data-photos data-most="4"> holds two file fields: data-photos-camera takes one at a time, data-photos-chosen carries all
// of them. A photo of 5 MB would take two minutes on a slow line; drawn at 1600 px it takes seconds, and where it was taken stays
// on the phone. What cannot be drawn here is sent as it is: the server says what it makes of it.
const LONGEST = 1600;
const fields = [...document.querySelectorAll('[data-photos]')].map((root) => ({ root, photos: [] }));
const most = Number(fields[0]?.root.dataset.most);
const part = (field, name) => field.root.querySelector(`[data-photos-${name}]`);

async function smaller(file) {
  try {
    const drawn = await createImageBitmap(file, { imageOrientation: 'from-image' });
    const scale = Math.min(1, LONGEST / Math.max(drawn.width, drawn.height));
    const canvas = document.createElement('canvas');
    canvas.width = Math.max(1, Math.round(drawn.width * scale));
    canvas.height = Math.max(1, Math.round(drawn.height * scale));
    canvas.getContext('2d').drawImage(drawn, 0, 0, canvas.width, canvas.height);
    drawn.close();
    const blob = await new Promise((done) => canvas.toBlob(done, 'image/jpeg', 0.85));
    return blob ? { file: new File([blob], 'photo.jpg', { type: 'image/jpeg' }), canvas } : { file };
  } catch {
    return { file };
  }
}

// All photos travel in the second field; the first is free for the next one.
function carry(field) {
  const all = new DataTransfer();
  for (const photo of field.photos) all.items.add(photo.file);
  part(field, 'chosen').files = all.files;
  part(field, 'camera').value = '';
}

function draw(field, { left }) {
  const list = part(field, 'previews');
  list.hidden = field.photos.length === 0;
  list.replaceChildren(...field.photos.map((photo, index) => preview(field, photo, index)));
  const told = part(field, 'told');
  const count = fields.reduce((sum, each) => sum + each.photos.length, 0);
  const words = left ? told.dataset.many : count ? told.dataset.some : '';
  told.textContent = words.replace('{n}', count).replace('{of}', most);
}

function preview(field, photo, index) {
  const item = document.createElement('li');
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'button button-quiet';
  button.textContent = part(field, 'previews').dataset.remove.replace('{n}', index + 1);
  button.addEventListener('click', () => {
    field.photos.splice(index, 1);
    carry(field);
    draw(field, { left: false });
    part(field, 'camera').focus();
  });
  if (photo.canvas) {
    photo.canvas.setAttribute('aria-hidden', 'true');
    item.append(photo.canvas);
  }
  item.append(button);
  return item;
}

async function add(field, input) {
  const picked = [...input.files];
  const made = await Promise.all(picked.map(smaller));
  // The second field was filled by us: what a person chooses there replaces nothing that she took before.
  const room = most - fields.reduce((sum, each) => sum + each.photos.length, 0);
  field.photos.push(...made.slice(0, Math.max(0, room)));
  carry(field);
  draw(field, { left: made.length > room });
}

for (const field of fields) {
  for (const name of ['camera', 'chosen']) {
    const input = part(field, name);
    // A browser may empty the field when somebody leaves the chooser without choosing.
    input.addEventListener('change', () => (input.files.length ? add(field, input) : carry(field)));
  }
}
