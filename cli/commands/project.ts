import { Failure } from '@/platform/failure'
import { createProject } from '@/server/create-project'
import { addressForPeople } from '../address'
import { type Command, parseWords, say, withOpenDatabase } from '../command'

export const command: Command = {
  summary: 'Makes a project with the built-in model of its task live.',
  usage: 'project create --name N --slug S --task smart-reply [--time-zone Europe/Lisbon]',
  async run(args) {
    const { values, positionals } = parseWords(this.usage, {
      args,
      allowPositionals: true,
      options: {
        name: { type: 'string' },
        slug: { type: 'string' },
        task: { type: 'string' },
        'time-zone': { type: 'string', default: 'UTC' },
      },
    })
    const { name, slug, task } = values
    if (positionals.join(' ') !== 'create' || !name?.trim() || !slug || !task) {
      throw new Failure(`Use: npm run amend -- ${this.usage}`, 2)
    }
    const url = await withOpenDatabase(async (_, config) => {
      await createProject({ name, slug, taskType: task, timeZone: values['time-zone'] })
      return `${addressForPeople(config)}/p/${slug}`
    })
    say(`Made the project ${name}. Those who administer this instance own it:`)
    process.stdout.write(`${url}\n`)
    return 0
  },
}
