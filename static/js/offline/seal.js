// What is not sent yet is sealed with its owner's key (AES-GCM). The key comes from Vigil when she signs in and goes when she
// signs out, so whoever uses the phone after her finds nothing to read.
const METHOD = 'AES-GCM';

export function keyFrom(base64) {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  return crypto.subtle.importKey('raw', bytes, METHOD, false, ['encrypt', 'decrypt']);
}

// `id` is bound to it: what was sealed for one entry opens for no other.
export async function seal(key, bytes, id) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const additionalData = new TextEncoder().encode(id);
  return { iv, data: await crypto.subtle.encrypt({ name: METHOD, iv, additionalData }, key, bytes) };
}

export function unseal(key, { iv, data }, id) {
  return crypto.subtle.decrypt({ name: METHOD, iv, additionalData: new TextEncoder().encode(id) }, key, data);
}

export const sealWords = (key, value, id) => seal(key, new TextEncoder().encode(JSON.stringify(value)), id);
export const unsealWords = async (key, sealed, id) => JSON.parse(new TextDecoder().decode(await unseal(key, sealed, id)));
