import net, { type AddressInfo } from 'node:net'

interface Mail {
  from: string
  to: string[]
  /** Headers and body as they came, quoted-printable undone. */
  text: string
}

/** A mail server on loopback that speaks as much SMTP (RFC 5321) as a sender needs, and keeps what it takes. */
export async function startSink() {
  const mails: Mail[] = []
  /** Message-ID of each mail that was offered, taken or not. */
  const offered: string[] = []
  let refusal: string | null = null
  const server = net.createServer(socket => {
    socket.setEncoding('utf8')
    const say = (line: string) => void socket.write(`${line}\r\n`)
    let [waiting, body]: [string, string | null] = ['', null]
    let mail: Mail = { from: '', to: [], text: '' }
    const take = (line: string) => {
      if (body !== null) {
        if (line !== '.') {
          body += `${line.replace(/^\.\./, '.')}\n`
          return
        }
        const text = plain(body)
        offered.push(/^Message-ID: (.*)$/im.exec(text)?.[1] ?? '')
        if (refusal === null) mails.push({ ...mail, text })
        body = null
        return say(refusal ?? '250 2.0.0 Taken')
      }
      const [, address = ''] = /<(.*?)>/.exec(line) ?? []
      const verb = line.slice(0, 4).toUpperCase()
      if (verb === 'EHLO' || verb === 'HELO') return say('250 sink')
      if (verb === 'MAIL') mail = { from: address, to: [], text: '' }
      if (verb === 'RCPT') mail.to.push(address)
      if (verb === 'DATA') {
        body = ''
        return say('354 Go on')
      }
      if (verb === 'QUIT') {
        say('221 2.0.0 Bye')
        return socket.end()
      }
      say('250 2.1.0 Fine')
    }
    socket.on('error', () => {})
    socket.on('data', (part: string) => {
      const lines = (waiting + part).split('\r\n')
      waiting = lines.pop() ?? ''
      for (const line of lines) take(line)
    })
    say('220 sink ESMTP')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    mails,
    offered,
    /** What it answers to every mail from now on; null takes them. */
    refuse(line: string | null) {
      refusal = line
    },
    close: () => new Promise(resolve => server.close(resolve)),
  }
}

/** Soft breaks joined and bytes decoded (RFC 2045, 6.7). */
const plain = (text: string): string =>
  Buffer.from(
    text
      .replace(/=\n/g, '')
      .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    /Content-Transfer-Encoding: quoted-printable/i.test(text) ? 'latin1' : 'utf8',
  ).toString('utf8')
