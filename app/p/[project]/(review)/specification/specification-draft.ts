import type { ChangeSpecificationBody, SpecificationView } from '@/contract/v1/specification'

export const mostReasons = 9

export interface ReasonDraft {
  /** Of the version that is edited; null of a new one. */
  code: string | null
  words: string
  /** Tells rows apart while they are moved. */
  key: string
}

export interface SpecificationDraft {
  markdown: string
  reasons: ReasonDraft[]
  /** For each removed code: another one, `null` for none, undefined while nothing is chosen. */
  mapping: Record<string, string | null | undefined>
  sendBack: { codes: string[]; queues: string[] }
  note: string
}

export function draftOf({ markdown, reasons }: SpecificationView): SpecificationDraft {
  return {
    markdown,
    reasons: reasons.map(({ code, words }) => ({ code, words, key: code })),
    mapping: {},
    sendBack: { codes: [], queues: [] },
    note: '',
  }
}

/** A code for words: letters and digits of them, told apart from those that are taken. */
function codeFor(words: string, taken: readonly string[]): string {
  const plain = words
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
    .slice(0, 36)
  const base = plain || 'reason'
  let code = base
  for (let n = 2; taken.includes(code); n += 1) code = `${base}-${n}`
  return code
}

/** The reasons with the codes that they would be stored under. */
export function codedReasons({ reasons }: SpecificationDraft, base: SpecificationView) {
  const taken = base.reasons.map(reason => reason.code)
  return reasons.map(({ code, words, key }) => {
    const own = code ?? codeFor(words, taken)
    taken.push(own)
    return { code: own, words: words.trim(), key }
  })
}

export function removedReasons({ reasons }: SpecificationDraft, base: SpecificationView) {
  return base.reasons.filter(({ code }) => !reasons.some(reason => reason.code === code))
}

/** What is asked of the server, and why it can't be yet. */
export function requestOf(
  draft: SpecificationDraft,
  base: SpecificationView,
): { body: ChangeSpecificationBody; missing: string | null } {
  const reasons = codedReasons(draft, base)
  const removed = removedReasons(draft, base)
  const codes = removed.map(reason => reason.code)
  const known = reasons.map(reason => reason.code)
  const mapping = Object.fromEntries(
    codes.map(code => {
      const to = draft.mapping[code]
      return [code, to && known.includes(to) ? to : null]
    }),
  )
  const unread = removed.find(({ code }) => {
    const to = draft.mapping[code]
    return to === undefined || (to !== null && !known.includes(to))
  })
  const missing =
    reasons.length === 0
      ? 'Keep one reason or more.'
      : reasons.some(reason => reason.words === '')
        ? 'Give each reason words.'
        : unread
          ? `Say how answers with “${unread.words}” are read.`
          : null
  return {
    body: {
      base: base.version,
      markdown: draft.markdown,
      schema: { reasons: reasons.map(({ code, words }) => ({ code, words })) },
      mapping,
      sendBack: {
        codes: draft.sendBack.codes.filter(code => codes.includes(code)),
        queues: draft.sendBack.queues,
      },
      note: draft.note.trim(),
    },
    missing,
  }
}
