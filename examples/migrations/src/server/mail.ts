export async function sendWelcomeEmail(userId: string): Promise<string> {
  return `welcome:${userId}`;
}

export async function sendFollowupEmail(userId: string): Promise<string> {
  return `followup:${userId}`;
}

export async function notifyAdmin(reason: string): Promise<void> {
  console.log(`The campaign failed: ${reason}`);
}
