import { createSignInLink } from '@/server/first-sign-in'
import { createPasswordResetLink } from '@/server/make-password-reset'
import { addressForPeople } from '../address'
import { type Command, parseWords, say, withOpenDatabase } from '../command'

export const command: Command = {
  summary:
    'Prints a one-time link that signs in who administers Amend, or the account of an e-mail; or one to reset a password.',
  usage: 'link [--email E] [--reset]',
  async run(args) {
    const { values } = parseWords(this.usage, {
      args,
      options: { email: { type: 'string' }, reset: { type: 'boolean', default: false } },
    })
    const { url, email } = await withOpenDatabase((_, config) => {
      const make = values.reset ? createPasswordResetLink : createSignInLink
      return make(addressForPeople(config), values.email?.trim() ?? null)
    })
    say(
      values.reset
        ? `Sets a new password for ${email}, once, within 24 hours:`
        : `Signs in ${email}, once, within 24 hours:`,
    )
    process.stdout.write(`${url}\n`)
    return 0
  },
}
