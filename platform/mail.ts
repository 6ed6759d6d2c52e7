import { createTransport } from 'nodemailer'
import { getConfig } from './config'

/** Whether this server can send mail. */
export const mailConfigured = (): boolean => getConfig().smtpUrl !== null

const waitMs = 10_000

/** Sends one plain text; throws where the mail server does not take it. */
export async function sendMail({
  to,
  subject,
  text,
  messageId,
}: {
  to: readonly string[]
  subject: string
  text: string
  /** The same for each try, so that a mail that came twice is known as one. */
  messageId: string
}): Promise<void> {
  const { smtpUrl, mailFrom } = getConfig()
  if (!smtpUrl) throw new Error('no mail server is configured')
  const url = new URL(smtpUrl)
  const transport = createTransport({
    host: url.hostname,
    port: url.port ? Number(url.port) : url.protocol === 'smtps:' ? 465 : 587,
    secure: url.protocol === 'smtps:',
    ...(url.username
      ? { auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) } }
      : {}),
    connectionTimeout: waitMs,
    greetingTimeout: waitMs,
    socketTimeout: waitMs,
  })
  try {
    await transport.sendMail({
      from: mailFrom,
      to: [...to],
      subject,
      text,
      messageId: `<${messageId}@amend>`,
    })
  } finally {
    transport.close()
  }
}
