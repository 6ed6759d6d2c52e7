import { type VersionCard as Card, versionCard } from '@/contract/v1/models'

/** Field by field: a card of an older form shows what can be read of it. */
export function readCard(stored: Record<string, unknown>): Partial<Card> {
  const entries = Object.entries(versionCard.shape).flatMap(([name, field]) => {
    const parsed = field.safeParse(stored[name])
    return parsed.success && parsed.data !== undefined ? [[name, parsed.data]] : []
  })
  return Object.fromEntries(entries)
}
