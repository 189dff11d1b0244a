using System.CommandLine;
using MLNet.FineTune;
using Samples;

namespace QuickStart;

/// <summary>The options, and what they mean as <see cref="Settings"/>.</summary>
internal sealed class CommandLine
{
    private readonly Option<string?> _train = new("--train")
    {
        Description = "Tab-separated training data with the header text<TAB>label. [default: the support requests that come with the sample]",
        HelpName = "FILE.tsv",
    };

    private readonly Option<string?> _test = new("--test")
    {
        Description = "Data to test on, in the same form; goes with --train.",
        HelpName = "FILE.tsv",
    };

    private readonly Option<string?> _encoder = new("--encoder")
    {
        Description = "Pretrained encoder: a directory with config.json, weights and tokenizer, or the id of a hub model, which is downloaded. [default: the one that comes with the library]",
        HelpName = "DIR|hub-id",
    };

    private readonly Option<string> _peft = new("--peft")
    {
        Description = "What trains: all weights, the classification head only, or low-rank updates and the head.",
        DefaultValueFactory = _ => "full",
    };

    private readonly Option<int> _epochs = new("--epochs")
    {
        Description = "How often each text is seen.",
        DefaultValueFactory = _ => 10,
        CustomParser = Number.AtLeast(1),
    };

    private readonly Option<double?> _learningRate = new("--learning-rate")
    {
        Description = "Peak learning rate. [default: what suits encoder and method]",
        HelpName = "RATE",
        CustomParser = Number.Positive,
    };

    private readonly Option<int> _batchSize = new("--batch-size")
    {
        Description = "Texts a step.",
        DefaultValueFactory = _ => 32,
        CustomParser = Number.AtLeast(1),
    };

    private readonly Option<int?> _maxLength = new("--max-length")
    {
        Description = "Longest text in tokens; what is longer is cut. [default: as long as the encoder takes]",
        HelpName = "TOKENS",
        CustomParser = result => Number.AtLeast(3)(result), // two special tokens and one of the text
    };

    private readonly Option<Precision> _precision = new("--precision")
    {
        Description = "Number format to compute in; Auto is BFloat16 where the hardware has it.",
        DefaultValueFactory = _ => Precision.Auto,
    };

    private readonly Option<int> _seed = new("--seed") { Description = "Seed of all random choices.", DefaultValueFactory = _ => 1 };

    private readonly Option<string> _save = new("--save")
    {
        Description = "Where the model goes; an existing file is replaced.",
        HelpName = "FILE.zip",
        DefaultValueFactory = _ => "model.zip",
    };

    private readonly RootCommand _command = new("Fine-tunes a text classifier, tests it, saves it as an ML.NET zip, loads that and scores three texts.");

    private CommandLine()
    {
        _peft.AcceptOnlyFromAmong("full", "head", "lora");
        foreach (Option option in (Option[])[_train, _test, _encoder, _peft, _epochs, _learningRate, _batchSize, _maxLength, _precision, _seed, _save])
            _command.Options.Add(option);
        _command.Validators.Add(result =>
        {
            if (result.GetValue(_train) is null != result.GetValue(_test) is null)
                result.AddError("--train and --test go together: give both, or none for the data that come with the sample.");
        });
    }

    /// <summary>Parses the arguments and runs the program; errors in them go to the error output.</summary>
    /// <param name="args">The arguments.</param>
    /// <param name="run">The program; the token is cancelled by Ctrl+C.</param>
    /// <returns>The exit code.</returns>
    public static int Run(string[] args, Action<Settings, CancellationToken> run)
    {
        var line = new CommandLine();
        line._command.SetAction((result, cancellation) => Failures.Explain(() => run(line.Read(result), cancellation), "Cancelled; nothing was saved.", cancellation));
        ParseResult parsed = line._command.Parse(args);
        if (parsed.Action is System.CommandLine.Invocation.ParseErrorAction error)
            error.ShowHelp = false;
        // Time to end the step in progress, or to finish writing the model.
        return parsed.Invoke(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });
    }

    private Settings Read(ParseResult result) => new()
    {
        TrainFile = result.GetValue(_train) ?? Shipped("train.tsv"),
        TestFile = result.GetValue(_test) ?? Shipped("test.tsv"),
        Encoder = result.GetValue(_encoder),
        Peft = result.GetValue(_peft) switch
        {
            "head" => new HeadOnly(),
            "lora" => new Lora { Rank = 8, Alpha = 16 },
            _ => new FullFineTuning(),
        },
        Epochs = result.GetValue(_epochs),
        LearningRate = result.GetValue(_learningRate),
        BatchSize = result.GetValue(_batchSize),
        MaxLength = result.GetValue(_maxLength),
        Precision = result.GetValue(_precision),
        Seed = result.GetValue(_seed),
        ModelFile = result.GetValue(_save)!,
    };

    private static string Shipped(string file) => Path.Combine(AppContext.BaseDirectory, "data", file);
}
