import { env } from 'cloudflare:workers';

export async function start() {
  return await env.MIGRATON_WORKFLOW.create();
}
