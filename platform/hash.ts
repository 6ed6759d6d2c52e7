import { createHash, randomBytes } from 'node:crypto'
import canonicalize from 'canonicalize'

/** The canonical JSON (RFC 8785) of a value: the same bytes for the same value, wherever it came from. */
export function canonicalJson(value: unknown): string {
  return canonicalize(value) ?? 'null'
}

/** SHA-256 over the canonical JSON (RFC 8785) of a value, in hex. */
export function hashJson(value: unknown): string {
  return createHash('sha256')
    .update(canonicalize(value) ?? 'null')
    .digest('hex')
}

export function newSalt(): Buffer {
  return randomBytes(16)
}

/** As `hashJson`, behind a salt: without the salt a guess at the value can't be confirmed. */
export function saltedHash(salt: Buffer, value: unknown): string {
  return createHash('sha256')
    .update(salt)
    .update(canonicalize(value) ?? 'null')
    .digest('hex')
}
