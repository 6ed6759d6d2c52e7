/** So many people have to have written the same before it is suggested to everybody without a curator. */
export const agreeingPeople = 3

/** How much a memory holds: a person's latest own examples, and the latest shared ones. */
export const memoryLimits = { personal: 500, shared: 5_000 } as const

/** What a trained version may hold, like the shared memory that it is made from. */
export const mostTrainingRows = 5_000

/**
 * A text without what two people write differently by chance: case, white space, punctuation and forms of the same
 * character. “Yes,  that works!” and “yes that works” are the same.
 */
export function normalText(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[’‘]/gu, "'")
    .replace(/[^\p{L}\p{N}\p{M}'\p{Extended_Pictographic}]+/gu, ' ')
    .trim()
}

/** What stands where something about a person was taken out. */
const anyPlaceholder = /\[(?:name|number|address|e-mail|link)\]/u

/** Whether a text still has a hole where something was taken out, so that it can't be sent as it stands. */
export function hasPlaceholder(text: string): boolean {
  return anyPlaceholder.test(text)
}

/** The words that are left, as a model reads them. */
export function withoutPlaceholders(text: string): string {
  return text.replaceAll(new RegExp(anyPlaceholder, 'gu'), ' ').replace(/ +/gu, ' ').trim()
}
