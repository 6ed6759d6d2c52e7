import 'server-only'

/** What a version says of the moment at which it looked at the ledger. */
export function asOfOf(version: { definition: Record<string, unknown> }): {
  snapshot: string | null
  at: string | null
} {
  const asOf = (version.definition.asOf ?? {}) as { snapshot?: string; at?: string }
  return { snapshot: asOf.snapshot ?? null, at: asOf.at ?? null }
}

/**
 * SQL for whether an event stood in the ledger then. By time too: after a restore into another cluster transactions are
 * counted from elsewhere.
 */
export const inSnapshot = (alias: string, snapshot: string, at: string) =>
  `(${snapshot}::pg_snapshot IS NULL OR pg_visible_in_snapshot(${alias}.xid, ${snapshot}::pg_snapshot))
   AND (${at}::timestamptz IS NULL OR ${alias}.server_time <= ${at}::timestamptz)`
