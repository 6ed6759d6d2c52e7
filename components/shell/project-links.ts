import type { Permission } from '@/domain/permission'

export type NavGroup = 'Study' | 'Use' | 'Project'

export interface NavLink {
  group: NavGroup
  page: 'inbox' | 'my-history' | 'feedback' | 'models' | 'members' | 'history' | 'settings'
  label: string
  href: string
}

const pages: (Omit<NavLink, 'href'> & { permission: Permission })[] = [
  { group: 'Study', page: 'feedback', label: 'Feedback', permission: 'feedback.view' },
  { group: 'Study', page: 'models', label: 'Models', permission: 'models.view' },
  { group: 'Use', page: 'inbox', label: 'Inbox', permission: 'inbox.use' },
  { group: 'Use', page: 'my-history', label: 'My history', permission: 'history.own' },
  { group: 'Project', page: 'members', label: 'Members', permission: 'members.view' },
  { group: 'Project', page: 'history', label: 'History', permission: 'actions.view' },
  { group: 'Project', page: 'settings', label: 'Settings', permission: 'settings.view' },
]

/** The pages of a project that its reader may open, in the order of the navigation. */
export function projectLinks(slug: string, can: (permission: Permission) => boolean): NavLink[] {
  return pages
    .filter(page => can(page.permission))
    .map(({ permission: _, ...page }) => ({ ...page, href: `/p/${slug}/${page.page}` }))
}

/** Where a project opens: on the work, or on the study of it for those who only look. */
export function projectHome(slug: string, can: (permission: Permission) => boolean): string {
  return `/p/${slug}/${can('inbox.use') ? 'inbox' : can('feedback.view') ? 'feedback' : 'my-history'}`
}
