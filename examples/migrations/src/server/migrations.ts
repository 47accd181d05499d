import { env } from 'cloudflare:workers';
import { redirect } from 'koze:navigation';

export interface Migration {
  id: string;
  source: string;
}

export async function startMigration({ formData }: { formData: FormData }) {
  const instance = await env.MIGRATION_WORKFLOW.create({
    params: { sourceId: formData.get('sourceId') },
  });

  redirect(`/migrations/${instance.id}`);
}

export async function activeMigrations(): Promise<Migration[]> {
  return [
    { id: 'm1', source: 'crm' },
    { id: 'm2', source: 'shop' },
  ];
}
