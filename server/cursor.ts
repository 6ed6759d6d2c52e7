import 'server-only'
import { AmendError } from '@/domain/errors'

/**
 * A place in a list: microseconds and an id. Opaque to callers. It only ever narrows what the caller may see,
 * so it needs no signature; what is not one of ours is refused by name.
 */
export function writeCursor(micros: string, id: string): string {
  return Buffer.from(`${micros}.${id}`).toString('base64url')
}

export function readCursor(cursor: string | undefined): { micros: string; id: string } | null {
  if (cursor === undefined) return null
  const [, micros, id] =
    /^(\d{1,16})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(
      Buffer.from(cursor, 'base64url').toString(),
    ) ?? []
  if (!micros || !id) {
    throw new AmendError('invalid_input', 'cursor: is not one of ours. Start again from the first page.', {
      field: 'cursor',
    })
  }
  return { micros, id }
}
