import { AmendError } from '@/domain/errors'

const maxDepth = 64
const textDecoder = new TextDecoder('utf-8', { fatal: true })

/**
 * Reads a JSON body within limits: size while streaming, depth, and no text that Postgres or UTF-8 can't hold.
 *
 * @throws AmendError unsupported_media_type, body_too_large, malformed_json, invalid_input
 */
export async function readJson(request: Request, maxBytes: number): Promise<unknown> {
  const type = request.headers.get('content-type') ?? ''
  if (!/^application\/(?:[\w.+-]+\+)?json\b/i.test(type)) {
    throw new AmendError('unsupported_media_type', 'Send "content-type: application/json".')
  }
  const text = decode(await readBytes(request, maxBytes))
  checkDepth(text)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new AmendError('malformed_json', `The body is not JSON: ${shortReason(error)}.`)
  }
  // Escapes are the only way in for NUL and lone surrogates once the bytes were valid UTF-8.
  if (/\\u(?:0000|[dD][89a-fA-F])/.test(text)) refuseUnstorable(value, '')
  return value
}

async function readBytes(request: Request, maxBytes: number): Promise<Uint8Array> {
  const tooLarge = () =>
    new AmendError(
      'body_too_large',
      `The body may be ${Math.floor(maxBytes / 1024)} KiB at most. Send it in parts.`,
    )
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge()
  if (!request.body) return new Uint8Array()
  const chunks: Uint8Array[] = []
  let size = 0
  const reader = request.body.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    size += value.byteLength
    if (size > maxBytes) {
      await reader.cancel()
      throw tooLarge()
    }
    chunks.push(value)
  }
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)
}

function decode(bytes: Uint8Array): string {
  try {
    return textDecoder.decode(bytes)
  } catch {
    throw new AmendError('malformed_json', 'The body is not valid UTF-8.')
  }
}

function checkDepth(text: string): void {
  let depth = 0
  let inString = false
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (inString) {
      if (code === 92) i++
      else if (code === 34) inString = false
    } else if (code === 34) inString = true
    else if (code === 91 || code === 123) {
      if (++depth > maxDepth)
        throw new AmendError('invalid_input', `The body nests deeper than ${maxDepth} levels.`)
    } else if (code === 93 || code === 125) depth--
  }
}

function refuseUnstorable(value: unknown, field: string): void {
  if (typeof value === 'string') {
    if (value.includes('\0') || !value.isWellFormed()) {
      throw new AmendError(
        'invalid_input',
        `${field || 'The text'} has a NUL character or half a surrogate pair. Remove it.`,
        {
          ...(field ? { field } : {}),
        },
      )
    }
  } else if (Array.isArray(value)) {
    value.forEach((part, i) => {
      refuseUnstorable(part, `${field}[${i}]`)
    })
  } else if (value !== null && typeof value === 'object') {
    for (const [key, part] of Object.entries(value)) {
      refuseUnstorable(key, field ? `${field} (a name)` : 'A name')
      refuseUnstorable(part, field ? `${field}.${key}` : key)
    }
  }
}

/** The parser's reason without the snippet of the body that newer versions quote. */
function shortReason(error: unknown): string {
  const message = error instanceof Error ? error.message : ''
  const position = /position (\d+)/.exec(message)
  return position ? `it breaks at character ${position[1]}` : 'it ends too early or has a stray character'
}
