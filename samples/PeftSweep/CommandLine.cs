using System.CommandLine;
using Samples;

namespace PeftSweep;

/// <summary>The options, and what they mean as <see cref="Settings"/>.</summary>
internal sealed class CommandLine
{
    private readonly Option<int> _trials = new("--trials") { Description = "How many methods are tried at most.", HelpName = "N", DefaultValueFactory = _ => 24, CustomParser = Number.AtLeast(1) };
    private readonly Option<int> _seconds = new("--seconds") { Description = "How long the search takes at most.", HelpName = "N", DefaultValueFactory = _ => 80, CustomParser = Number.AtLeast(1) };
    private readonly Option<string> _plot = new("--plot") { Description = "Where the plot goes.", HelpName = "FILE.png", DefaultValueFactory = _ => "peft-sweep.png" };
    private readonly Option<string> _report = new("--report") { Description = "Where the report goes.", HelpName = "FILE.html", DefaultValueFactory = _ => "peft-sweep.html" };
    private readonly Option<string> _save = new("--save") { Description = "Where the model goes.", HelpName = "FILE.zip", DefaultValueFactory = _ => "peft-sweep.zip" };
    private readonly Option<int> _seed = new("--seed") { Description = "Seed of all random choices.", DefaultValueFactory = _ => 1 };

    private readonly RootCommand _command = new("Searches for the methods with the best accuracy for their number of trained parameters.");

    private CommandLine()
    {
        foreach (Option option in (Option[])[_trials, _seconds, _plot, _report, _save, _seed])
            _command.Options.Add(option);
    }

    /// <summary>Parses the arguments and runs the program; errors in them go to the error output.</summary>
    /// <param name="args">The arguments.</param>
    /// <param name="run">The program; the token is cancelled by Ctrl+C.</param>
    /// <returns>The exit code.</returns>
    public static int Run(string[] args, Action<Settings, CancellationToken> run)
    {
        var line = new CommandLine();
        line._command.SetAction((result, cancellation) => Failures.Explain(() => run(line.Read(result), cancellation), "Cancelled.", cancellation));
        return line._command.Parse(args).Invoke(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });
    }

    private Settings Read(ParseResult result) =>
        new(result.GetValue(_trials), result.GetValue(_seconds), File(result, _plot), File(result, _report), File(result, _save), result.GetValue(_seed));

    /// <summary>A file that can be written once the search is done.</summary>
    private static string File(ParseResult result, Option<string> option)
    {
        string file = result.GetRequiredValue(option);
        if (Path.GetDirectoryName(Path.GetFullPath(file)) is { } folder && !Directory.Exists(folder))
            throw new ArgumentException($"{option.Name} is '{file}'; expected a file in a folder that exists.");
        return file;
    }
}
