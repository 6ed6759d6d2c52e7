import { isPageOrigin } from '@/domain/page-origin'
import { keyScopes } from '@/domain/permission'
import { Failure } from '@/platform/failure'
import { findProjectId } from '@/server/find-project'
import { makeKey } from '@/server/make-key'
import { type Command, parseWords, say, withOpenDatabase } from '../command'

export const command: Command = {
  summary:
    'Makes an API key of a project and prints it, and only it; of a publishable one also its signing secret, in a second line.',
  usage:
    'key create --project demo --scope publish|read|write|admin [--origin https://shop.example] [--name N] [--expires-days 365]',
  async run(args) {
    const { values, positionals } = parseWords(this.usage, {
      args,
      allowPositionals: true,
      options: {
        project: { type: 'string' },
        scope: { type: 'string' },
        origin: { type: 'string', multiple: true, default: [] },
        name: { type: 'string', default: 'Command line' },
        'expires-days': { type: 'string', default: '365' },
      },
    })
    const scope = keyScopes.find(one => one === values.scope)
    const expiresInDays = Number(values['expires-days'])
    const slug = values.project
    if (positionals.join(' ') !== 'create' || !slug || !scope)
      throw new Failure(`Use: npm run amend -- ${this.usage}`, 2)
    if (!Number.isInteger(expiresInDays) || expiresInDays < 1 || expiresInDays > 3650) {
      throw new Failure('--expires-days takes 1 to 3650.', 2)
    }
    const origins = values.origin
    if (!origins.every(isPageOrigin) || origins.length > 0 !== (scope === 'publish'))
      throw new Failure(
        'A publishable key takes --origin, once or more, as https://shop.example without a path; other keys take none.',
        2,
      )
    const made = await withOpenDatabase(async () => {
      const projectId = await findProjectId(slug)
      return makeKey({ projectId, system: true }, { name: values.name, scope, origins, expiresInDays })
    })
    say(`A key of ${slug}, scope ${scope}, until ${made.expiresAt.slice(0, 10)}:`)
    process.stdout.write(`${made.key}\n`)
    if (made.signingSecret) process.stdout.write(`${made.signingSecret}\n`)
    return 0
  },
}
