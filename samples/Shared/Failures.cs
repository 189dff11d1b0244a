using MLNet.FineTune;

namespace Samples;

/// <summary>Turns what can go wrong with files, options, network and training into a message and an exit code.</summary>
internal static class Failures
{
    private const int Failed = 1;
    private const int Cancelled = 130; // 128 + SIGINT, as shells have it

    /// <param name="run">The program.</param>
    /// <param name="cancelled">What to say after Ctrl+C.</param>
    /// <param name="cancellation">Signalled by Ctrl+C.</param>
    /// <returns>The exit code: 0, 1 after an error, 130 after Ctrl+C.</returns>
    public static async Task<int> Explain(Action run, string cancelled, CancellationToken cancellation)
    {
        try
        {
            // On another thread, so that this one can watch for Ctrl+C.
            await Task.Run(run, CancellationToken.None);
            return 0;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync(cancelled);
            return Cancelled;
        }
        catch (Exception e) when (HasMessageForUsers(e))
        {
            await Console.Error.WriteLineAsync($"error: {Message(e)}");
            return Failed;
        }
    }

    /// <summary>Without the name of the method's parameter, which means nothing to who runs the program.</summary>
    private static string Message(Exception e) =>
        e is ArgumentException { ParamName: { } name } ? e.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal) : e.Message;

    /// <summary>The documented exceptions of the library and of files. Anything else is a defect, whose stack trace shall be seen.</summary>
    private static bool HasMessageForUsers(Exception e) =>
        e is IOException or UnauthorizedAccessException or InvalidDataException or NotSupportedException
            or ArgumentException or FormatException or InvalidOperationException or HttpRequestException or TrainingDivergedException;
}
