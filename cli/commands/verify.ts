import { Failure } from '@/platform/failure'
import { type Command, parseWords, say } from '../command'
import { verifyArchive } from '../verify-archive'

export const command: Command = {
  summary:
    'Verifies the archive of a dataset version from the file alone: hashes, the log replayed, undo, consent, splits. Needs no server and no database.',
  usage: 'verify FILE.tar [--json]',
  async run(args) {
    const { values, positionals } = parseWords(this.usage, {
      args,
      allowPositionals: true,
      options: { json: { type: 'boolean', default: false } },
    })
    const [file, ...more] = positionals
    if (!file || more.length > 0) throw new Failure(`Use: npm run amend -- ${this.usage}`, 2)
    const verdict = await verifyArchive(file).catch(error => {
      if ((error as { code?: string }).code === 'ENOENT')
        throw new Failure(`There is no file ${file}. Name the archive that was downloaded.`, 2)
      throw error
    })
    if (values.json) process.stdout.write(`${JSON.stringify(verdict)}\n`)
    const { fault, ok } = verdict
    if (!ok && fault) {
      const place = fault.row === null ? fault.file : `${fault.file}, row ${fault.row}`
      say(`Not as it was frozen. ${place}: ${fault.what}.`)
      return 1
    }
    for (const note of verdict.notes) say(note)
    if (!values.json)
      process.stdout.write(
        `Version ${verdict.version} of ${verdict.dataset} holds: ${verdict.rows.toLocaleString('en')} rows, each replayed from the log.\n`,
      )
    return 0
  },
}
