import { headers } from 'next/headers'
import type { ComponentProps } from 'react'
import { pagePermissions } from '@/domain/page-permission'
import type { Permission } from '@/domain/permission'
import { SideFrame } from '../../../side-frame'

export default async function QueuesLayout(
  props: Pick<ComponentProps<typeof SideFrame>, 'params' | 'children'>,
) {
  const here = (await headers()).get('amend-page') ?? ''
  return <SideFrame {...props} permission={permissionOf(here)} />
}

/** Pages on one queue may take more than the list. They lie beneath its loading state, so that is asked for here. */
function permissionOf(here: string): Permission {
  const [, page] = /\/queues\/[^/]+\/([a-z-]+)/.exec(here) ?? []
  const path = `queues/[queueId]/${page}`
  return Object.hasOwn(pagePermissions, path)
    ? pagePermissions[path as keyof typeof pagePermissions]
    : pagePermissions.queues
}
