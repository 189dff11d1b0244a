using System.CommandLine;
using MLNet.FineTune;
using Samples;

namespace FewShotIntents;

/// <summary>The options, and what they mean as <see cref="Settings"/>.</summary>
internal sealed class CommandLine
{
    private readonly Option<int> _shots = new("--shots") { Description = "Examples a class.", HelpName = "N", DefaultValueFactory = _ => 8, CustomParser = Number.AtLeast(2) };
    private readonly Option<string> _method = new("--peft") { Description = "What of the encoder trains, in its text form.", HelpName = "METHOD", DefaultValueFactory = _ => "full" };
    private readonly Option<string> _save = new("--save") { Description = "Where the model goes.", HelpName = "FILE.zip", DefaultValueFactory = _ => "intents.zip" };
    private readonly Option<string> _plot = new("--plot") { Description = "Where the plot goes.", HelpName = "FILE.png", DefaultValueFactory = _ => "intents.png" };
    private readonly Option<int> _seed = new("--seed") { Description = "Seed of all random choices.", DefaultValueFactory = _ => 1 };

    private readonly RootCommand _command = new("Learns to tell intents from a few examples of each, saves the model, plots the embeddings before and after, and classifies what is typed.");

    private CommandLine()
    {
        foreach (Option option in (Option[])[_shots, _method, _save, _plot, _seed])
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

    private Settings Read(ParseResult result) => new(
        result.GetValue(_shots), PeftMethod.Parse(result.GetRequiredValue(_method)), InFolder("--save", result.GetRequiredValue(_save)), InFolder("--plot", result.GetRequiredValue(_plot)), result.GetValue(_seed));

    private static string InFolder(string option, string file) =>
        Path.GetDirectoryName(Path.GetFullPath(file)) is { } folder && Directory.Exists(folder) ? file
            : throw new ArgumentException($"{option} is '{file}'; expected a file in a folder that exists.");
}
