import { WorkflowEntrypoint, WorkflowStep, WorkflowEvent } from 'cloudflare:workers';

export class CleanupWorkflow extends WorkflowEntrypoint {
  run = async (event: WorkflowEvent, step: WorkflowStep) => {
    return await step.do('copy', async () => 1);
  };
}
