// Pre-trains an encoder from a corpus, as the default encoder that comes with the library was.
//   dotnet run -c Release --project samples/PretrainEncoder -- --corpus ../shared/corpus --exclude ../shared/data
//   dotnet run -c Release --project samples/PretrainEncoder -- --help
// Interrupted at any point, the same command goes on where it stopped.

using System.Diagnostics;
using Microsoft.ML;
using MLNet.FineTune;
using PretrainEncoder;
using Samples;
using Spectre.Console;

return CommandLine.Run(args, Pretrain);

static void Pretrain(Settings settings, CancellationToken cancellation)
{
    Screen.Prepare();
    var ml = new MLContext(settings.Seed);
    string[] excluded = settings.Exclude is null ? [] : EvaluationTexts.Read(settings.Exclude);
    AnsiConsole.MarkupLineInterpolated($"[bold]Corpus[/] {Path.GetFullPath(settings.Corpus)}; paragraphs with one of {excluded.Length:N0} evaluation texts in them are left out");
    // Read anew each time it is needed, one paragraph at a time.
    IDataView corpus = ml.Data.LoadFromEnumerable(CorpusFiles.Read(settings.Corpus));
    IEnumerable<CorpusRow> WithLexicons() => CorpusFiles.Read(settings.Corpus)
        .Concat(settings.WordNet is { } wordNet ? WordNetFiles.Read(wordNet) : [])
        .Concat(settings.Thesaurus is { } thesaurus ? ThesaurusFile.Read(thesaurus, settings.Seed) : []);
    // What words mean, for the stages that learn from pairs; as running text it is none.
    IDataView pairs = ml.Data.LoadFromEnumerable(WithLexicons());
    // What is good and bad too, which is learnt by the words alone: as pairs for the layers it costs more than it gives.
    IDataView rated = ml.Data.LoadFromEnumerable(WithLexicons().Concat(settings.Valence is { } valence ? ValenceFile.Read(valence, settings.Seed) : []));

    // Word embeddings first: without layers they learn from a text in a tenth of the time.
    EncoderSource words = Stage("Word embeddings", "words", pairs, EncoderSource.FromScratch(Recipe.WordEmbeddings(settings)), Recipe.WordTraining(settings));
    words = Stage("Word embeddings in larger batches", "words-2", pairs, words, Recipe.LargeBatchTraining(settings));
    // Then the layers on them, which begin as the identity and learn what the order of words says: first of single words, then of texts.
    EncoderSource start = EncoderSource.FromScratch(Recipe.Encoder(settings, words));
    EncoderSource encoder = Stage("Masked language modelling", "masked", corpus, start, Recipe.MaskedTraining(settings));
    encoder = Stage("Pairs", "pairs", pairs, encoder, Recipe.PairTraining(settings));
    encoder = Stage("Pairs of the corpus", "pairs-2", corpus, encoder, Recipe.CorpusPairTraining(settings));
    // Much of what the words knew of topics comes back on the way to where they began.
    encoder = Between("between", start, encoder);
    EncoderSource ratedWords = settings.Valence is null ? words : Stage("Word embeddings, good and bad", "rated", rated, words, Recipe.RatedWordTraining(settings));
    // What both say is better than what either does; and of the first word, which says what a question asks for, a mean of all keeps little.
    encoder = Stage("Layers, words and the first word", "taught", rated, encoder, Recipe.Teaching(settings, encoder, ratedWords));
    encoder = Stage("Head for hidden words", "encoder", corpus, encoder, Recipe.HeadTraining(settings));
    AnsiConsole.MarkupLineInterpolated($"The encoder is in [bold]{Path.Combine(settings.Output, "encoder")}[/]: [italic]EncoderSource.FromDirectory(…)[/].");

    Similarity.Show(ml, encoder);

    EncoderSource Stage(string title, string folder, IDataView texts, EncoderSource start, PretrainingOptions options)
    {
        string output = Path.Combine(settings.Output, folder);
        AnsiConsole.Write(new Rule($"[bold]{title}[/]").LeftJustified());
        if (Finished(output) is { } there)
            return there;
        long from = Stopwatch.GetTimestamp();
        var display = new TrainingDisplay();
        options.Training.Progress = display;
        options.Training.CancellationToken = cancellation;
        options.Training.CheckpointDirectory = Path.Combine(settings.Output, folder + ".checkpoint");
        EncoderSource trained = display.Run(() => ml.FineTuning().Pretrain(texts, start, output, new EncoderPretrainingOptions
        {
            TextColumnName = nameof(CorpusRow.Text),
            DocumentColumnName = nameof(CorpusRow.Document),
            HeadingColumnName = nameof(CorpusRow.Heading),
            SourceColumnName = nameof(CorpusRow.Source),
            ExcludedTexts = excluded,
            Pretraining = options,
            WorkDirectory = settings.Output,
        }));
        AnsiConsole.WriteLine($"Took {Stopwatch.GetElapsedTime(from):h\\:mm\\:ss}.");
        return trained;
    }

    EncoderSource Between(string folder, EncoderSource from, EncoderSource to)
    {
        string output = Path.Combine(settings.Output, folder);
        return Finished(output) ?? ml.FineTuning().InterpolateEncoders(from, to, output, Recipe.TrainedShare, saveAsHalf: true, Recipe.ShareOf);
    }

    static EncoderSource? Finished(string output)
    {
        if (!File.Exists(Path.Combine(output, "model.safetensors")))
            return null;
        AnsiConsole.MarkupLineInterpolated($"{output} is there already.");
        return EncoderSource.FromDirectory(output);
    }
}
