import { WorkflowEntrypoint, WorkflowStep, WorkflowEvent } from 'cloudflare:workers';

class ArchiveWorkflow extends WorkflowEntrypoint {
  async run(event, step) {
    return await step.do('copy', async () => 1);
  }
}

export default ArchiveWorkflow;
