using System.CommandLine;
using Samples;

namespace WeakSupervision;

/// <summary>The options, and what they mean as <see cref="Settings"/>.</summary>
internal sealed class CommandLine
{
    private readonly Option<string> _labelModel = new("--label-model") { Description = $"Whose labels are learnt from: {string.Join(", ", LabelModels.All.Keys)}.", HelpName = "MODEL", DefaultValueFactory = _ => LabelModels.Default };
    private readonly Option<int> _epochs = new("--epochs") { Description = "How often plain training sees each text.", HelpName = "N", DefaultValueFactory = _ => 4, CustomParser = Number.AtLeast(1) };
    private readonly Option<int> _steps = new("--steps") { Description = "Steps in which COSINE learns from its own predictions.", HelpName = "N", DefaultValueFactory = _ => 120, CustomParser = Number.AtLeast(1) };
    private readonly Option<int> _seed = new("--seed") { Description = "Seed of all random choices.", DefaultValueFactory = _ => 1 };

    private readonly RootCommand _command = new("Makes a classifier of rules in C#, without a labelled text: labelling functions, label models, and training on what they say.");

    private CommandLine()
    {
        foreach (Option option in (Option[])[_labelModel, _epochs, _steps, _seed])
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
        new(LabelModels.Check(result.GetRequiredValue(_labelModel)), result.GetValue(_epochs), result.GetValue(_steps), result.GetValue(_seed));
}
