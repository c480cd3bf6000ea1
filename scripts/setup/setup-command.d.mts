export function setupCommand(root: string, flag?: string): string;
