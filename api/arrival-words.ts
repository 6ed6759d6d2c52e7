import { taskFieldNames } from '@/server/task-words'
import { openApiDocument } from './openapi'
import type { AnyRoute } from './route'

const longestDetail = 400
let words: Promise<ReadonlySet<string>> | null = null

/** Every name and choice that our own schemas know: nothing else in an error is kept, since somebody may have sent it. */
async function ownWords(routes: readonly AnyRoute[]): Promise<ReadonlySet<string>> {
  const found = new Set(await taskFieldNames())
  const read = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    for (const [key, part] of Object.entries(value)) {
      if (key === 'properties') for (const name of Object.keys(part as object)) found.add(name)
      if (key === 'enum') for (const choice of part as unknown[]) found.add(String(choice))
      if (key === 'name' && typeof part === 'string') found.add(part)
      read(part)
    }
  }
  read(openApiDocument(routes))
  for (const name of ['Amend-Actor', 'written', 'corrected']) found.add(name)
  return found
}

interface Said {
  field: string | null
  detail: string | null
}

/** What a refusal says, without anything that it may have taken from the request. */
export async function inOwnWords<T extends Said>(routes: readonly AnyRoute[], said: T): Promise<T> {
  words ??= ownWords(routes)
  const own = await words
  const field = said.field === null ? null : plainField(said.field, own)
  const detail =
    said.detail === null
      ? null
      : (said.field ? said.detail.replaceAll(said.field, field ?? '') : said.detail)
          .replaceAll(/"([^"]*)"|“([^”]*)”/g, (quoted, straight, curly) =>
            own.has(straight ?? curly) ? quoted : '“…”',
          )
          .replaceAll(/\S+@\S+/g, '…')
          .slice(0, longestDetail)
  return { ...said, field, detail }
}

/** `columns.Peter` is `columns.…`: a name that no schema of ours has was sent by somebody. */
function plainField(field: string, own: ReadonlySet<string>): string {
  return field
    .slice(0, 200)
    .split(/([.[\]]+)/)
    .map(part => (/^(?:[.[\]]*|\d+)$/.test(part) || own.has(part) ? part : '…'))
    .join('')
}
