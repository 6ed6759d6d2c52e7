import type { TableImport, TableItem } from '../task-type'

/** One received message a row: who wrote what, when, about what. */
export const messageTable: TableImport = {
  fields: [
    {
      id: 'message',
      label: 'Message',
      hint: 'What was received; the reply is suggested to this.',
      required: true,
      names: ['message', 'text', 'body', 'content', 'question', 'input', 'email', 'comment', 'description'],
    },
    { id: 'subject', label: 'Subject', required: false, names: ['subject', 'title', 'topic', 'betreff'] },
    {
      id: 'author',
      label: 'Author',
      required: false,
      names: ['author', 'from', 'sender', 'von', 'name', 'from_name', 'customer', 'user'],
    },
    {
      id: 'sentAt',
      label: 'Sent time',
      hint: 'As 2026-11-23 10:15 or with a zone; without one it is UTC.',
      required: false,
      names: [
        'sent_at',
        'sentat',
        'sent',
        'date',
        'datum',
        'time',
        'timestamp',
        'created_at',
        'received_at',
        'datetime',
      ],
    },
    { id: 'lang', label: 'Language', hint: 'As en.', required: false, names: ['lang', 'language', 'locale'] },
  ],
  itemOf,
  example: {
    subject: 'Wednesday',
    messages: [{ author: 'Marta', fromMe: false, sentAt: null, text: 'Does Wednesday at ten work for you?' }],
  },
}

function itemOf(cells: Readonly<Record<string, string>>): TableItem {
  const cell = (field: string) => cells[field]?.trim() ?? ''
  if (cell('message') === '') return { problem: { field: 'message', detail: 'The message is empty.' } }
  const sentAt = cell('sentAt') === '' ? null : instantOf(cell('sentAt'))
  if (sentAt === undefined)
    return {
      problem: { field: 'sentAt', detail: 'The sent time can’t be read. Write it as 2026-11-23 10:15.' },
    }
  return {
    payload: {
      subject: cell('subject'),
      ...(cell('lang') ? { lang: cell('lang') } : {}),
      messages: [{ author: cell('author') || 'Someone', fromMe: false, sentAt, text: cells.message }],
    },
    receivedAt: sentAt,
  }
}

const written =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?\s*(Z|[+-]\d\d:?\d\d)?$/i

/** ISO 8601 in UTC of a written time, milliseconds at the finest; undefined for what is none, as 30 February. */
function instantOf(text: string): string | undefined {
  const match = written.exec(text)
  if (!match) return undefined
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = ''] = match
  const zone = (match[8] ?? 'Z').toUpperCase().replace(/^([+-]\d\d)(\d\d)$/, '$1:$2')
  const local = `${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction.slice(0, 3).padEnd(3, '0')}`
  const wall = new Date(`${local}Z`)
  if (Number.isNaN(wall.getTime()) || wall.toISOString() !== `${local}Z`) return undefined
  const at = new Date(`${local}${zone}`)
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString()
}
