// Draws images/icon.png from images/icon.svg: the market takes no SVG. Needs rsvg-convert (librsvg2-bin).
import { execFileSync } from 'node:child_process';

try {
  execFileSync('rsvg-convert', ['-w', '256', '-h', '256', '-o', 'images/icon.png', 'images/icon.svg'], {
    stdio: 'inherit',
  });
} catch (error) {
  console.error(`make-icon: rsvg-convert failed (${error.message}); on Debian it is in librsvg2-bin`);
  process.exitCode = 1;
}
