using System.CommandLine;
using MLNet.FineTune;
using Samples;

namespace PeftTour;

/// <summary>The options, and what they mean as <see cref="Settings"/>.</summary>
internal sealed class CommandLine
{
    private static readonly string[] Default = ["head", "bitfit", "lora", "bottleneck(reduction_factor=8)", "prefix-tuning(length=10)", "full"];

    private readonly Option<string[]> _methods = new("--methods")
    {
        Description = $"Methods in their text form. [default: {string.Join(' ', Default)}]",
        HelpName = "METHOD",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<int> _epochs = new("--epochs") { Description = "How often each text is seen.", HelpName = "N", DefaultValueFactory = _ => 10, CustomParser = Number.AtLeast(1) };
    private readonly Option<string> _plot = new("--plot") { Description = "Where the plot goes.", HelpName = "FILE.png", DefaultValueFactory = _ => "peft-tour.png" };
    private readonly Option<int> _seed = new("--seed") { Description = "Seed of all random choices.", DefaultValueFactory = _ => 1 };

    private readonly RootCommand _command = new("Learns one task by several parameter-efficient methods and compares them.");

    private CommandLine()
    {
        foreach (Option option in (Option[])[_methods, _epochs, _plot, _seed])
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
        string[] methods = result.GetValue(_methods) is { Length: > 0 } given ? given : Default;
        foreach (string method in methods)
            _ = PeftMethod.Parse(method); // before anything is trained
        return new Settings(methods, result.GetValue(_epochs), plot, result.GetValue(_seed));
    }
}
