import { text } from 'node:stream/consumers'
import { Failure } from '@/platform/failure'
import { createUser } from '@/server/create-user'
import { disablePerson } from '@/server/disable-person'
import { createSignInLink } from '@/server/first-sign-in'
import { addressForPeople } from '../address'
import { type Command, parseWords, say, withOpenDatabase } from '../command'

export const command: Command = {
  summary: 'Makes an account and prints a one-time sign-in link for it; closes or opens one.',
  usage:
    'user create --email E --name N [--password-stdin] [--admin] | user disable --email E | user enable --email E',
  async run(args) {
    const { values, positionals } = parseWords(this.usage, {
      args,
      allowPositionals: true,
      options: {
        email: { type: 'string' },
        name: { type: 'string' },
        'password-stdin': { type: 'boolean', default: false },
        admin: { type: 'boolean', default: false },
      },
    })
    const [verb, ...rest] = positionals
    const email = values.email?.trim()
    const wrong = new Failure(`Use: npm run amend -- ${this.usage}`, 2)
    if (rest.length > 0 || !email) throw wrong
    if (verb === 'disable' || verb === 'enable') {
      await withOpenDatabase(() => disablePerson(email, verb === 'disable'))
      say(
        verb === 'disable'
          ? `${email} is signed out everywhere and can't sign in.`
          : `${email} can sign in again.`,
      )
      return 0
    }
    if (verb !== 'create' || !values.name?.trim()) throw wrong
    if (!/^[^\s@]+@[^\s@]+$/.test(email))
      throw new Failure(`"${email}" is not an e-mail address. Correct --email.`, 2)
    const password = values['password-stdin'] ? (await text(process.stdin)).replace(/\r?\n$/, '') : null
    const name = values.name.trim()
    const url = await withOpenDatabase(async (_, config) => {
      await createUser({ email, name, password, instanceAdmin: values.admin })
      return (await createSignInLink(addressForPeople(config), email)).url
    })
    say(`Made an account for ${name}. This link signs them in once, within 24 hours:`)
    process.stdout.write(`${url}\n`)
    return 0
  },
}
