export function addonFolder(root: string, env: NodeJS.ProcessEnv): string;
export function isCheckout(root: string): boolean;
