import type { NavLink } from './project-links'

/** What the bars and menus of a project page draw. */
export interface ShellFacts {
  project: { slug: string; name: string }
  /** `unnamed`: the first person, who came in by a link and has given no name, e-mail and password yet. */
  person: { name: string; email: string; role: string; unnamed: boolean }
  /** Every project the person is in, this one too. */
  projects: { slug: string; name: string }[]
  links: NavLink[]
  /** Alerts that fire and were not silenced. */
  firing: number
}
