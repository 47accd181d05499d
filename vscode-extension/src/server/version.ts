import gte from 'semver/functions/gte';
import minVersion from 'semver/ranges/min-version';
import satisfies from 'semver/functions/satisfies';
import valid from 'semver/functions/valid';

/**
 * Says what is wrong with a server's version, or undefined when it fits or can't be judged.
 * `range` is what the extension needs, as in package.json (`koze.server`).
 */
export function versionProblem(version: string | undefined, range: string): string | undefined {
  if (version === undefined || valid(version) === null) {
    return undefined;
  }
  if (satisfies(version, range, { includePrerelease: true })) {
    return undefined;
  }
  const least = minVersion(range);
  const older = least !== null && !gte(version, least);
  return older
    ? `version ${version} is older than this extension needs (${range})`
    : `version ${version} is newer than this extension knows (${range})`;
}
