using System.CommandLine;
using Samples;

namespace PretrainEncoder;

/// <summary>The options, and what they mean as <see cref="Settings"/>.</summary>
internal sealed class CommandLine
{
    private const double MostMinutes = 365 * 24 * 60;

    private readonly Option<DirectoryInfo> _corpus = new Option<DirectoryInfo>("--corpus")
    {
        Description = "Folder of *.tsv.gz files; lines of document, heading and paragraph, tab-separated, paragraphs of a document in order.",
        HelpName = "DIR",
        Required = true,
    }.AcceptExistingOnly();

    private readonly Option<DirectoryInfo> _exclude = new Option<DirectoryInfo>("--exclude")
    {
        Description = "Folder of evaluation sets: paragraphs that hold a text of a test.tsv or dev.tsv below it are left out.",
        HelpName = "DIR",
    }.AcceptExistingOnly();

    private readonly Option<DirectoryInfo> _wordNet = new Option<DirectoryInfo>("--wordnet")
    {
        Description = "Folder of WordNet's data.noun, data.verb, data.adj and data.adv: synonyms, definitions and examples are learnt from in the stages of pairs.",
        HelpName = "DIR",
    }.AcceptExistingOnly();

    private readonly Option<FileInfo> _thesaurus = new Option<FileInfo>("--thesaurus")
    {
        Description = "File with a line for each entry of a thesaurus: the entry and the words near it, separated by commas. Learnt from as WordNet is.",
        HelpName = "FILE",
    }.AcceptExistingOnly();

    private readonly Option<FileInfo> _valence = new Option<FileInfo>("--valence")
    {
        Description = "File with a line for each word: the word, how good or bad it is, and what else there may be, separated by tabs, as VADER's lexicon has it: one more stage of word embeddings learns which are rated alike.",
        HelpName = "FILE",
    }.AcceptExistingOnly();

    private readonly Option<string> _output = new("--output") { Description = "Folder for encoder, checkpoints and tokenised corpus.", HelpName = "DIR", DefaultValueFactory = _ => "artifacts/pretrain" };
    private readonly Option<double?> _wordMinutes = new("--word-minutes") { Description = "Time for the word embeddings, and with --valence a third of it once more; in each stage the learning rate is fitted to the time. [default: 20]", HelpName = "N", CustomParser = Number.Positive };
    private readonly Option<double?> _maskedMinutes = new("--masked-minutes") { Description = "Time for the layers' masked language modelling. [default: 30]", HelpName = "N", CustomParser = Number.Positive };
    private readonly Option<double?> _pairMinutes = new("--pair-minutes") { Description = "Time for the layers' contrastive training. [default: 24]", HelpName = "N", CustomParser = Number.Positive };
    private readonly Option<double?> _teachMinutes = new("--teach-minutes") { Description = "Time for learning what the layers and the words alone know together, and for the first word of texts. [default: 10]", HelpName = "N", CustomParser = Number.Positive };
    private readonly Option<double?> _headMinutes = new("--head-minutes") { Description = "Time for the head that predicts hidden words, last. [default: 3]", HelpName = "N", CustomParser = Number.Positive };
    private readonly Option<int> _vocabulary = new("--vocabulary") { Description = "Tokens of the vocabulary.", HelpName = "N", DefaultValueFactory = _ => 10_000, CustomParser = Number.AtLeast(100) };
    private readonly Option<int> _hidden = new("--hidden") { Description = "Width of the encoder, a multiple of 64.", HelpName = "N", DefaultValueFactory = _ => 512, CustomParser = Number.AtLeast(64) };
    private readonly Option<int> _layers = new("--layers") { Description = "Layers of the encoder.", HelpName = "N", DefaultValueFactory = _ => 1, CustomParser = Number.AtLeast(1) };
    private readonly Option<int> _seed = new("--seed") { Description = "Seed of all random choices.", DefaultValueFactory = _ => 1 };

    private readonly RootCommand _command = new("Pre-trains a small encoder of English on a corpus. Interrupted, the same command goes on where it stopped.");

    private CommandLine()
    {
        foreach (Option option in (Option[])[_corpus, _exclude, _wordNet, _thesaurus, _valence, _output, _wordMinutes, _maskedMinutes, _pairMinutes, _teachMinutes, _headMinutes, _vocabulary, _hidden, _layers, _seed])
            _command.Options.Add(option);
    }

    /// <summary>Parses the arguments and runs the program; errors in them go to the error output.</summary>
    /// <param name="args">The arguments.</param>
    /// <param name="run">The program; the token is cancelled by Ctrl+C.</param>
    /// <returns>The exit code.</returns>
    public static int Run(string[] args, Action<Settings, CancellationToken> run)
    {
        var line = new CommandLine();
        line._command.SetAction((result, cancellation) => Failures.Explain(
            () => run(line.Read(result), cancellation), "Cancelled; the same command goes on from the last checkpoint.", cancellation));
        return line._command.Parse(args).Invoke(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });
    }

    private Settings Read(ParseResult result)
    {
        string corpus = result.GetRequiredValue(_corpus).FullName;
        CorpusFiles.List(corpus);
        string? wordNet = result.GetValue(_wordNet)?.FullName;
        if (wordNet is not null)
            WordNetFiles.List(wordNet);
        int hidden = result.GetValue(_hidden);
        if (hidden % 64 != 0)
            throw new ArgumentException($"--hidden is {hidden}; expected a multiple of 64.");
        return new Settings(
            corpus, result.GetValue(_exclude)?.FullName, wordNet, result.GetValue(_thesaurus)?.FullName, result.GetValue(_valence)?.FullName, result.GetValue(_output)!,
            Minutes(result, _wordMinutes) ?? 20, Minutes(result, _maskedMinutes) ?? 30, Minutes(result, _pairMinutes) ?? 24, Minutes(result, _teachMinutes) ?? 10, Minutes(result, _headMinutes) ?? 3,
            result.GetValue(_vocabulary), hidden, result.GetValue(_layers), result.GetValue(_seed));
    }

    private static double? Minutes(ParseResult result, Option<double?> option) => result.GetValue(option) is not > MostMinutes
        ? result.GetValue(option)
        : throw new ArgumentException($"{option.Name} is {result.GetValue(option)}; expected at most {MostMinutes}, a year.");
}
