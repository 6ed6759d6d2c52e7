import { AmendError } from './errors'

/** Words that stand for something else in an address, now or later. */
const reserved = new Set([
  'new',
  'api',
  'admin',
  'account',
  'settings',
  'sign-in',
  'sign-up',
  'link',
  'invite',
  'reset',
  'p',
  'projects',
  'all',
])

/** The longest that a proposal may be, so that a number still fits behind it. */
const proposalLength = 50

/** A slug made from a project's name: `Café replies, 2026` gives `cafe-replies-2026`. Always one that `checkSlug` takes. */
export function proposeSlug(name: string): string {
  const plain = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, proposalLength)
    .replace(/^-+|-+$/g, '')
  const begun = /^[a-z]/.test(plain) ? plain : `project-${plain}`.replace(/-$/, '')
  return begun.length < 2 || reserved.has(begun) ? `${begun}-project` : begun
}

/**
 * Checks a project's slug: 2 to 60 lower-case letters, digits and single hyphens, beginning with a letter. It never
 * changes afterwards. Something like a UUID is refused, since addresses take a slug or an id.
 *
 * @throws AmendError invalid_input
 */
export function checkSlug(slug: string): void {
  const refuse = (detail: string) => {
    throw new AmendError('invalid_input', detail, { field: 'slug' })
  }
  if (slug.length < 2 || slug.length > 60) refuse('A slug has 2 to 60 characters.')
  if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(slug)) {
    refuse(
      'A slug takes lower-case letters, digits and single hyphens, and begins with a letter: photo-captions.',
    )
  }
  if (/^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/.test(slug)) refuse('A slug may not look like an id.')
  if (reserved.has(slug)) refuse(`"${slug}" stands for something else in addresses. Choose another slug.`)
}
