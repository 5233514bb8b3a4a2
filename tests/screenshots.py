"""Write docs/screenshots/ from the demo: three roles, phone and desk, so that the pictures stay true.

    make screenshots

Starts the real processes with the demo's people on throw-away servers, and walks through the main job: Ana logs a fever, her
nurse answers, the admin looks at the rules.
"""

import os
import sys
import tempfile
from pathlib import Path

import django

FOLDER = Path(__file__).parent.parent / 'docs' / 'screenshots'


def main() -> None:
    with tempfile.TemporaryDirectory(prefix='vigil-shots-') as static:
        os.environ |= {
            'DJANGO_SETTINGS_MODULE': 'config.settings',
            'STATIC_ROOT': static,
            'DEMO_MODE': 'true',
            'DEMO_MODE_ASKED': 'true',
        }
        os.environ |= {'DEBUG': 'true', 'SECURE_COOKIES': 'false'}
        django.setup()
        from tests.screenshot_tour import tour

        FOLDER.mkdir(parents=True, exist_ok=True)
        for name in tour(FOLDER):
            sys.stdout.write(f'docs/screenshots/{name}\n')


if __name__ == '__main__':
    main()
