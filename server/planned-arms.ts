import 'server-only'

/**
 * How exposures are to be divided between arms, 0–1 each, as serving does it now; empty where there is one arm. Only a
 * division that stood all through the windows can be checked.
 */
export async function plannedArms(_projectId: string): Promise<Record<string, number>> {
  return {}
}
