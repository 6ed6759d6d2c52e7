import { longestRowBytes } from '../importer'

/** One entry of a list in a JSON document. */
export interface JsonElement {
  /** The key of the list in the document's object; empty where the document is the list. */
  list: string
  /** 1 for the first of its list. */
  number: number
  /** Null where it is longer than a row may be. */
  bytes: Buffer | null
}

/** Said once, at the end, where the document is not whole. */
export interface JsonBreak {
  broken: string
}

const quote = 0x22
const backslash = 0x5c
const comma = 0x2c
const [openList, closeList, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d]
const isSpace = (byte: number) => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
/** Of a byte order mark, which may stand before the document. */
const markBytes = new Set([0xef, 0xbb, 0xbf])
const longestKey = 200

/**
 * The entries of a JSON list, or of the lists right under an object, one by one as bytes: a document of any length is
 * read without holding more than one entry. What is in an entry is for `JSON.parse` to judge; only quotes and brackets
 * are looked at here, and brackets are counted and not kept, so that depth costs nothing.
 */
export async function* splitElements(bytes: AsyncIterable<Buffer>): AsyncIterable<JsonElement | JsonBreak> {
  let depth = 0
  /** Depth inside the list whose entries are given; 0 outside of any. */
  let listDepth = 0
  let rootIsObject = false
  let ended = false
  let quoted = false
  let escaped = false
  let list = ''
  let number = 0
  let key: number[] | null = null
  let lastKey = ''
  let parts: Buffer[] = []
  let size = 0
  let open = false
  const keep = (part: Buffer) => {
    size += part.length
    if (size <= longestRowBytes) parts.push(part)
    else parts = []
  }
  const take = (): JsonElement => {
    const whole = size > longestRowBytes ? null : Buffer.concat(parts)
    parts = []
    size = 0
    open = false
    number++
    return { list, number, bytes: whole }
  }
  for await (const chunk of bytes) {
    let at = 0
    let from = at
    for (; at < chunk.length; at++) {
      const byte = chunk[at] as number
      if (quoted) {
        if (escaped) escaped = false
        else if (byte === backslash) escaped = true
        else if (byte === quote) {
          quoted = false
          if (key) lastKey = Buffer.from(key).toString('utf8')
          key = null
          continue
        }
        if (key && key.length < longestKey) key.push(byte)
        continue
      }
      if (isSpace(byte) || (depth === 0 && !ended && markBytes.has(byte))) continue
      if (ended) {
        yield {
          broken: 'Something stands behind the end of the document. Remove it and send the file again.',
        }
        return
      }
      const inList = listDepth > 0 && depth === listDepth
      if (inList && byte !== comma && byte !== closeList && !open) {
        open = true
        from = at
      }
      if (byte === quote) {
        quoted = true
        if (rootIsObject && depth === 1) key = []
      } else if (byte === openList || byte === openObject) {
        depth++
        if (depth === 1) {
          rootIsObject = byte === openObject
          if (!rootIsObject) listDepth = 1
        } else if (depth === 2 && rootIsObject && byte === openList) {
          listDepth = 2
          list = lastKey
          number = 0
        }
      } else if (byte === closeList || byte === closeObject) {
        if (inList && open) {
          keep(chunk.subarray(from, at))
          yield take()
        }
        if (inList) listDepth = 0
        depth--
        if (depth <= 0) ended = true
      } else if (byte === comma && inList && open) {
        keep(chunk.subarray(from, at))
        yield take()
      } else if (depth === 0) {
        yield { broken: 'This is no JSON list: it begins with neither [ nor {.' }
        return
      }
    }
    if (open) {
      keep(chunk.subarray(from))
    }
    from = 0
  }
  if (!ended)
    yield {
      broken:
        'The document breaks off: a bracket or a quote opens and never closes. Nothing from here on was read.',
    }
}

const strict = new TextDecoder('utf-8', { fatal: true })

/** The object that an entry is, or why it is none, without quoting it. */
export function parseElement({
  bytes,
}: JsonElement): { value: Record<string, unknown> } | { problem: string } {
  if (bytes === null) return { problem: 'The entry is longer than 1 MiB.' }
  let text: string
  try {
    text = strict.decode(bytes)
  } catch {
    return { problem: 'The entry is not UTF-8.' }
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { problem: 'This is not JSON.' }
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    return { problem: 'The entry is no object.' }
  return { value: value as Record<string, unknown> }
}

/** The keys right inside a document's first object, or inside the first entry of its list, as far as these bytes reach. */
export function topKeys(head: string): string[] {
  const text = head.trimStart()
  const wanted = text.startsWith('[') ? 2 : 1
  const keys: string[] = []
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const sign = text[at]
    if (sign === '"') {
      let end = at + 1
      while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1
      if (depth === wanted && /^\s*:/.test(text.slice(end + 1, end + 20))) keys.push(text.slice(at + 1, end))
      at = end
    } else if (sign === '{' || sign === '[') depth++
    else if (sign === '}' || sign === ']') {
      depth--
      if (depth < wanted && keys.length > 0) break
    }
  }
  return keys
}
