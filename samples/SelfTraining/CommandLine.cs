using System.CommandLine;
using MLNet.FineTune;
using Samples;

namespace SelfTraining;

/// <summary>The options, and what they mean as <see cref="Settings"/>.</summary>
internal sealed class CommandLine
{
    private readonly Option<FileInfo?> _data = new("--data") { Description = "Texts and labels, tab-separated with the header 'text<TAB>label'. [default: support requests of 12 intents]", HelpName = "FILE.tsv" };
    private readonly Option<int> _shots = new("--shots") { Description = "Labelled texts of each class; what is left is learnt from without its labels.", HelpName = "N", DefaultValueFactory = _ => 10, CustomParser = Number.AtLeast(2) };
    private readonly Option<string> _method = new("--method") { Description = $"How texts without labels are learnt from: {string.Join(", ", Methods.Names)}.", HelpName = "METHOD", DefaultValueFactory = _ => Methods.Default };
    private readonly Option<int> _rounds = new("--rounds") { Description = "How often the texts are labelled anew.", HelpName = "N", DefaultValueFactory = _ => 3, CustomParser = Number.AtLeast(1) };
    private readonly Option<string> _peft = new("--peft") { Description = "What of the encoder trains, in its text form.", HelpName = "METHOD", DefaultValueFactory = _ => "full" };
    private readonly Option<int> _epochs = new("--epochs") { Description = "How often a training sees each labelled text.", HelpName = "N", DefaultValueFactory = _ => 8, CustomParser = Number.AtLeast(1) };
    private readonly Option<string?> _checkpoints = new("--checkpoints") { Description = "A folder from which an interrupted run goes on when it is started again. [default: none]", HelpName = "DIR" };
    private readonly Option<string> _plot = new("--plot") { Description = "Where the plot goes.", HelpName = "FILE.png", DefaultValueFactory = _ => "self-training.png" };
    private readonly Option<int> _seed = new("--seed") { Description = "Seed of all random choices.", DefaultValueFactory = _ => 1 };

    private readonly RootCommand _command = new("Learns from a few labelled texts of each class and from many without labels, and shows round by round what that gives.");

    private CommandLine()
    {
        foreach (Option option in (Option[])[_data, _shots, _method, _rounds, _peft, _epochs, _checkpoints, _plot, _seed])
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

    private Settings Read(ParseResult result)
    {
        string plot = result.GetRequiredValue(_plot);
        if (Path.GetDirectoryName(Path.GetFullPath(plot)) is { } folder && !Directory.Exists(folder))
            throw new ArgumentException($"--plot is '{plot}'; expected a file in a folder that exists.");
        return new Settings(
            result.GetValue(_data)?.FullName, result.GetValue(_shots), Methods.Create(result.GetRequiredValue(_method), result.GetValue(_rounds)), PeftMethod.Parse(result.GetRequiredValue(_peft)),
            result.GetValue(_epochs), result.GetValue(_checkpoints), plot, result.GetValue(_seed));
    }
}
