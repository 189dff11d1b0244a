using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Models;
using MLNet.FineTune.Tests.Fakes;
using MLNet.FineTune.Tests.Fixtures;

namespace MLNet.FineTune.Tests.Pretraining;

/// <summary>Pre-training through the door: what goes in, what comes out, and what is left when it is stopped.</summary>
[TestClass]
public sealed class PretrainTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(7);

    public PretrainTests() => _ml.TempFilePath = Directory.CreateDirectory(_folder.File("temp")).FullName;

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    public void What_is_written_loads_and_is_named_as_Hugging_Face_names_it()
    {
        EncoderSource trained = _ml.FineTuning().Pretrain(Toy(60), ToyTexts.Encoder(_folder), _folder.File("out"), Options());
        Assert.AreEqual(EncoderSource.FromDirectory(_folder.File("out")).Description, trained.Description);

        JsonNode config = JsonNode.Parse(File.ReadAllText(_folder.File("out/config.json")))!;
        Assert.AreEqual("BertForMaskedLM", config["architectures"]![0]!.GetValue<string>());
        Assert.AreEqual("bert", config["model_type"]!.GetValue<string>());
        string[] layer = ["attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense", "attention.output.LayerNorm", "intermediate.dense", "output.dense", "output.LayerNorm"];
        string[] modules =
        [
            "bert.embeddings.LayerNorm", .. layer.Select(name => $"bert.encoder.layer.0.{name}"), "cls.predictions.transform.dense", "cls.predictions.transform.LayerNorm",
        ];
        string[] names =
        [
            "bert.embeddings.word_embeddings.weight", "bert.embeddings.position_embeddings.weight", "bert.embeddings.token_type_embeddings.weight", "cls.predictions.bias",
            .. modules.SelectMany(name => (string[])[$"{name}.weight", $"{name}.bias"]),
        ];
        using (SafetensorsFile weights = SafetensorsFile.Open(_folder.File("out/model.safetensors")))
        {
            CollectionAssert.AreEquivalent(names, weights.Tensors.Keys.ToArray());
            Assert.AreEqual("pt", weights.Metadata["format"]);
        }
        using PretrainedEncoder encoder = trained.Open([]);
        Assert.IsTrue(encoder.HasWeights);
        Assert.IsTrue(File.Exists(_folder.File("out/vocab.txt")));
        Assert.IsEmpty(Directory.GetFileSystemEntries(_folder.File("temp")), "nothing is left behind");
    }

    [TestMethod]
    public void A_new_encoder_learns_from_raw_text()
    {
        var options = new EncoderPretrainingOptions { Pretraining = ToyTexts.Options(epochs: 40) };
        EncoderSource trained = _ml.FineTuning().Pretrain(Toy(150), Tiny.Encoder(), _folder.File("out"), options);
        Assert.IsLessThan(ToyTexts.LossWithTopic + 0.2, ToyTexts.MaskedLoss(trained, ToyTexts.Make(20, seed: 99)));
    }

    [TestMethod]
    public void Simple_parameters_train_as_the_options_do()
    {
        EncoderSource encoder = ToyTexts.Encoder(_folder);
        ArgumentException e = Assert.ThrowsExactly<ArgumentException>(() => _ml.FineTuning().Pretrain(Toy(20), encoder, _folder.File("out"), epochs: 0));
        StringAssert.Contains(e.Message, "Epochs is 0");
        // The default length is more than the tiny encoder takes, which is found before anything is trained.
        e = Assert.ThrowsExactly<ArgumentException>(() => _ml.FineTuning().Pretrain(Toy(20), encoder, _folder.File("out"), epochs: 2));
        StringAssert.Contains(e.Message, "MaxLength is 128; expected at most 32");
    }

    /// <summary>An encoder has its vocabulary, so one pass is enough; a new one needs another for it.</summary>
    [TestMethod]
    [DataRow(false, 1)]
    [DataRow(true, 2)]
    public void The_view_is_read_by_cursors_that_are_closed(bool scratch, int times)
    {
        var view = new CountingView(Toy(40));
        _ml.FineTuning().Pretrain(view, scratch ? Tiny.Encoder() : ToyTexts.Encoder(_folder), _folder.File("out"), Options());
        Assert.AreEqual(times, view.Opened);
        Assert.AreEqual(times, view.Disposed);
    }

    [TestMethod]
    public void The_same_call_gives_the_same_encoder_also_on_the_same_context()
    {
        EncoderSource encoder = ToyTexts.Encoder(_folder);
        _ml.FineTuning().Pretrain(Toy(40), encoder, _folder.File("a"), Options());
        _ml.FineTuning().Pretrain(Toy(40), encoder, _folder.File("b"), Options());
        ToyTexts.AssertSameFiles(_folder.File("a"), _folder.File("b"));
    }

    [TestMethod]
    public void A_cancelled_run_leaves_no_output_and_resumes_to_the_same_weights()
    {
        EncoderSource encoder = ToyTexts.Encoder(_folder);
        _ml.FineTuning().Pretrain(Toy(60), encoder, _folder.File("unbroken"), Options(epochs: 3, dropout: 0.1));

        EncoderPretrainingOptions options = Options(epochs: 3, dropout: 0.1);
        int first = 0;
        options.Pretraining.Training.CheckpointDirectory = _folder.File("checkpoint");
        options.Pretraining.Training.CheckpointEverySteps = 3;
        options.Pretraining.Training.Progress = new Sink<TrainingProgress>(progress =>
        {
            first = first == 0 ? progress.Step : first;
            if (progress.Step == 7)
                _ml.Cancel();
        });
        Assert.ThrowsExactly<OperationCanceledException>(() => _ml.FineTuning().Pretrain(Toy(60), encoder, _folder.File("out"), options));
        Assert.IsFalse(Directory.Exists(_folder.File("out")));
        Assert.IsEmpty(Directory.GetFileSystemEntries(_folder.File("temp")));

        first = 0;
        options.Pretraining.Training.Progress = new Sink<TrainingProgress>(progress => first = first == 0 ? progress.Step : first);
        new MLContext(7).FineTuning().Pretrain(Toy(60), encoder, _folder.File("out"), options);
        Assert.AreEqual(7, first);
        ToyTexts.AssertSameFiles(_folder.File("unbroken"), _folder.File("out"));
        Assert.IsEmpty(Directory.GetFileSystemEntries(_folder.File("checkpoint")));
    }

    [TestMethod]
    public void A_cancelled_token_stops_while_the_corpus_is_read_and_an_encoder_that_was_there_stays()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        EncoderSource encoder = ToyTexts.Encoder(_folder);
        ToyTexts.Encoder(_folder, "out");
        EncoderPretrainingOptions options = Options();
        options.Pretraining.Training.CancellationToken = source.Token;
        LiveTensors.NoneLeft(() => Assert.ThrowsExactly<OperationCanceledException>(() => _ml.FineTuning().Pretrain(Toy(20), encoder, _folder.File("out"), options)));
        ToyTexts.AssertSameFiles(_folder.File("encoder"), _folder.File("out"));
    }

    /// <summary>Days of training must not be lost because a disk is full when they end.</summary>
    [TestMethod]
    public void The_checkpoint_stays_until_the_encoder_is_written()
    {
        EncoderSource encoder = ToyTexts.Encoder(_folder);
        EncoderPretrainingOptions options = Options(epochs: 2);
        options.Pretraining.Training.CheckpointDirectory = _folder.File("checkpoint");
        int steps = 0;
        options.Pretraining.Training.Progress = new Sink<TrainingProgress>(progress =>
        {
            steps++;
            Directory.CreateDirectory(_folder.File("out"));
            File.WriteAllText(_folder.File("out/mine.txt"), "");
        });
        Assert.ThrowsExactly<IOException>(() => _ml.FineTuning().Pretrain(Toy(40), encoder, _folder.File("out"), options));
        Assert.HasCount(1, Directory.GetFiles(_folder.File("checkpoint")));
        Assert.IsGreaterThan(0, steps);

        File.Delete(_folder.File("out/mine.txt"));
        steps = 0;
        _ml.FineTuning().Pretrain(Toy(40), encoder, _folder.File("out"), options);
        Assert.AreEqual(0, steps, "there was nothing left to train");
        Assert.IsEmpty(Directory.GetFiles(_folder.File("checkpoint")));
    }

    /// <summary>Pairs come from the columns: without them, short rows have neither headings nor neighbours.</summary>
    [TestMethod]
    public void Documents_and_headings_give_pairs()
    {
        CorpusRow[] rows = [.. ToyTexts.Make(40, 1).Select((text, i) => new CorpusRow { Text = text, Document = $"document {i / 4}", Heading = $"help {i / 2}", Source = i < 20 ? "a" : "b" })];
        IDataView view = _ml.Data.LoadFromEnumerable(rows);
        var seen = new List<int>();
        foreach (PassagePairs pairs in new[] { PassagePairs.Heading, PassagePairs.Neighbor, PassagePairs.Heading | PassagePairs.Neighbor })
        {
            var options = new EncoderPretrainingOptions { DocumentColumnName = "Document", HeadingColumnName = "Heading", SourceColumnName = "Source", Pretraining = ToyTexts.Options() };
            options.Pretraining.Contrastive = new ContrastiveLearning { Pairs = pairs };
            options.Pretraining.Training.BatchSize = 1;
            int steps = 0;
            options.Pretraining.Training.Progress = new Sink<TrainingProgress>(progress => steps = progress.TotalSteps);
            _ml.FineTuning().Pretrain(view, ToyTexts.Encoder(_folder), _folder.File("out"), options);
            seen.Add(steps);
        }
        // Forty rows, each with its heading; four to a document, each in one pair of neighbours.
        CollectionAssert.AreEqual(new[] { 40, 20, 60 }, seen);
        Assert.IsTrue(File.Exists(_folder.File("out/modules.json")), "an encoder of text embeddings says how it pools");

        var none = new EncoderPretrainingOptions { Pretraining = ToyTexts.Options() };
        none.Pretraining.Contrastive = new ContrastiveLearning { Pairs = PassagePairs.Neighbor };
        ArgumentException e = Assert.ThrowsExactly<ArgumentException>(() => _ml.FineTuning().Pretrain(view, ToyTexts.Encoder(_folder), _folder.File("out"), none));
        StringAssert.Contains(e.Message, "0 pairs (Neighbor)");
    }

    /// <summary>An encoder that gives vectors of length one still does so afterwards.</summary>
    [TestMethod]
    public void Pooling_and_normalisation_are_those_of_the_encoder()
    {
        EncoderSource encoder = ToyTexts.Encoder(_folder);
        Directory.CreateDirectory(_folder.File("encoder/1_Pooling"));
        File.WriteAllText(_folder.File("encoder/1_Pooling/config.json"), """{"word_embedding_dimension": 32, "pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false}""");
        File.WriteAllText(_folder.File("encoder/modules.json"), """
            [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
             {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
             {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"}]
            """);
        using PretrainedEncoder trained = _ml.FineTuning().Pretrain(Toy(40), encoder, _folder.File("out"), Options()).Open([]);
        Assert.AreEqual("Cls", trained.Pooling!.ToString());
        Assert.IsTrue(trained.Normalize);
    }

    [TestMethod]
    public void The_log_tells_corpus_progress_and_rows_without_text()
    {
        var log = new List<string>();
        _ml.Log += (_, e) =>
        {
            if (e.Kind is ChannelMessageKind.Info or ChannelMessageKind.Warning)
                log.Add(e.RawMessage);
        };
        _ml.FineTuning().Pretrain(ToyTexts.View(_ml, [.. ToyTexts.Make(32, 1), null, "  "]), ToyTexts.Encoder(_folder), _folder.File("out"), Options(epochs: 2));
        Assert.ContainsSingle(log.Where(line => line.Contains("2 of 34 rows of the corpus have no text in 'Text'", StringComparison.Ordinal)), string.Join('\n', log));
        Assert.ContainsSingle(log.Where(line => line.StartsWith("Corpus: 32 paragraphs", StringComparison.Ordinal)), string.Join('\n', log));
        Assert.HasCount(4, log.Where(line => line.StartsWith("Step ", StringComparison.Ordinal) && line.Contains("loss", StringComparison.Ordinal)), string.Join('\n', log));
    }

    private IDataView Toy(int count) => ToyTexts.View(_ml, ToyTexts.Make(count, seed: 1));

    private static EncoderPretrainingOptions Options(int epochs = 1, double? dropout = null)
    {
        var options = new EncoderPretrainingOptions { Pretraining = ToyTexts.Options(epochs) };
        options.Pretraining.Dropout = dropout;
        return options;
    }
}
