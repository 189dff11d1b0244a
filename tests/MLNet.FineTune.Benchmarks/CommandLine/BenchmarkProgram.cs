using System.CommandLine;
using System.CommandLine.Help;

namespace MLNet.FineTune.Benchmarks.CommandLine;

/// <summary>The command line: one verb a suite, exit code 0 when it ran, 1 when the command line or the run is wrong.</summary>
internal static class BenchmarkProgram
{
    public static int Run(string[] args, IReadOnlyList<Command> verbs)
    {
        var root = new RootCommand("Benchmarks of MLNet.FineTune. Standard output holds a JSON object a line and a Markdown table last; progress goes to standard error.");
        root.Options.Add(Threads.Option);
        foreach (Command verb in verbs)
            root.Subcommands.Add(verb);

        ParseResult command = root.Parse(args);
        if (command.Errors.Count > 0)
            return ShowUsage(command);
        try
        {
            return command.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (Exception e) when (e is ArgumentException or IOException or InvalidDataException or InvalidOperationException or NotSupportedException)
        {
            for (Exception? cause = e; cause is not null; cause = cause.InnerException)
                Console.Error.WriteLine($"{cause.GetType().Name}: {cause.Message}");
            return 1;
        }
    }

    /// <summary>Errors and the usage of the verb go to standard error: standard output is for results.</summary>
    private static int ShowUsage(ParseResult command)
    {
        foreach (var error in command.Errors)
            Console.Error.WriteLine(error.Message);
        Console.Error.WriteLine();
        command.CommandResult.Command.Parse(["--help"]).Invoke(new InvocationConfiguration { Output = Console.Error });
        return 1;
    }
}
