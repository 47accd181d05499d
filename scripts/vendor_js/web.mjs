// What user code may expect of a Worker and bare V8 lacks: URL, URLSearchParams and digests.
import URL from 'core-js-pure/actual/url/index.js';
import URLSearchParams from 'core-js-pure/actual/url-search-params/index.js';
import { md5, sha1 } from '@noble/hashes/legacy.js';
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js';

export const hashes = { md5, sha1, sha256, sha384, sha512 };
export { URL, URLSearchParams };
