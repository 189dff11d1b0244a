namespace MLNet.FineTune.Tests;

/// <summary>Runs the tests, or the part of a test that is to run in a process of its own.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] args) => Fixtures.ChildProcess.IsChild ? Fixtures.ChildProcess.Run() : await MicrosoftTestingPlatformApplication.RunAsync(args);
}
