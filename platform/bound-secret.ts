/** A token of the environment for one address, or why it stays here: one sentence that names what to set. */
export type BoundSecret = { secret: string } | { fault: string }

/** Which addresses may be sent what this variable holds is told by the operator in a second one. */
const originsOf = (variable: string) => `${variable}_ORIGIN`

/**
 * Whoever may name a variable and an address must not choose where the token goes: the operator binds each to origins,
 * one or more between spaces, and it is read for no other.
 */
export function boundSecret(variable: string, url: string): BoundSecret {
  const secret = process.env[variable]
  if (!secret) return { fault: `The server has no ${variable} in its environment.` }
  const { origin } = new URL(url)
  const bound = originsOf(variable)
  const listed = process.env[bound]?.split(/\s+/).filter(one => one !== '') ?? []
  if (listed.length === 0)
    return {
      fault: `The server does not say where ${variable} may be sent. Its operator sets ${bound}, as ${origin}, and starts it again.`,
    }
  return listed.some(one => originOf(one) === origin)
    ? { secret }
    : {
        fault: `${variable} is not for ${origin}. Its operator may add that to ${bound} and start the server again.`,
      }
}

function originOf(address: string): string | null {
  return URL.canParse(address) ? new URL(address).origin : null
}
