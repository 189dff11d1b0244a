using MLNet.FineTune.Models;
using MLNet.FineTune.Pretraining;
using MLNet.FineTune.Tests.Models;
using MLNet.FineTune.Tests.Peft;
using MLNet.FineTune.Training;

namespace MLNet.FineTune.Tests.Pretraining;

[TestClass]
public sealed class PretrainerTests
{
    private static PretrainingOptions AllLosses(int steps)
    {
        PretrainingOptions options = Toys.Options(steps);
        options.MaskedLanguageModeling = new MaskedLanguageModeling { Unit = MaskingUnit.WholeWord, Weight = 0.5 };
        options.Contrastive = new ContrastiveLearning();
        options.BagOfWords = new BagOfWordsPrediction();
        return options;
    }

    [TestMethod]
    public void Masked_language_modelling_learns_the_phrases()
    {
        using var folder = new TemporaryFolder();
        List<Dictionary<string, double>> losses = Toys.Run(Toys.Task(folder, Toys.Options(120), Toys.Encoder(dropout: 0)));
        using PretrainedEncoder encoder = PretrainedEncoder.FromDirectory(folder.File("encoder"));
        double uniform = Math.Log(encoder.Config.VocabularySize);
        Assert.AreEqual(uniform, losses[0]["mlm"], 0.5, "at first all tokens are alike");
        // What is known without context: how often each token occurs.
        using var texts = new TemporaryFolder();
        using TokenStore store = TinyCorpus.Store(texts, Toys.Corpus(1, 150), encoder.Tokenizer);
        double tokens = store.Description.Tokens;
        double unigram = Enumerable.Range(0, store.SentenceCount).SelectMany(store.Ids).GroupBy(id => id).Sum(group => group.Count() / tokens * Math.Log(tokens / group.Count()));
        Assert.IsLessThan(0.85 * unigram, losses[^10..].Average(loss => loss["mlm"]), $"uniform {uniform}, by frequency {unigram}");
        Assert.AreEqual(PoolingMode.Mean, encoder.Pooling, "a new encoder makes text embeddings as the mean of tokens");
    }

    [TestMethod]
    public void Contrastive_training_brings_texts_of_a_theme_together()
    {
        using var folder = new TemporaryFolder();
        PretrainingOptions options = Toys.Options(60);
        (options.MaskedLanguageModeling, options.Contrastive) = (null, new ContrastiveLearning());
        List<Dictionary<string, double>> losses = Toys.Run(Toys.Task(folder, options));
        CollectionAssert.AreEquivalent((string[])["contrastive", "sum"], losses[0].Keys.ToArray());
        Assert.IsLessThan(0.8 * losses[..5].Average(loss => loss["contrastive"]), losses[^10..].Average(loss => loss["contrastive"]));

        // Unseen paragraphs: the other one of the same document is nearer than one of another theme.
        List<CorpusText> unseen = Toys.Corpus(2, 60);
        float[] embeddings = Toys.Embed(EncoderSource.FromDirectory(folder.File("encoder")), [.. unseen.Select(text => text.Text)]);
        ReadOnlySpan<float> Row(int row) => embeddings.AsSpan(row * 32, 32);
        int right = 0, asked = 0;
        for (int document = 0; document < 60; document++)
            for (int other = 0; other < 60; other++)
                if (other != document)
                {
                    asked++;
                    right += Toys.Cosine(Row(2 * document), Row(2 * document + 1)) >= Toys.Cosine(Row(2 * document), Row(2 * other + 1)) ? 1 : 0;
                }
        Assert.IsGreaterThan(0.85, right / (double)asked);
    }

    [TestMethod]
    public void Losses_are_summed_by_their_weights_and_reported_before_them()
    {
        using var folder = new TemporaryFolder();
        foreach (Dictionary<string, double> step in Toys.Run(Toys.Task(folder, AllLosses(4))))
            Assert.AreEqual(0.5 * step["mlm"] + step["contrastive"] + 0.2 * step["bag-of-words"], step["sum"], 1e-4);
    }

    [TestMethod]
    public void A_training_broken_off_at_a_checkpoint_goes_on_bit_for_bit()
    {
        using var folder = new TemporaryFolder();
        PretrainingOptions Options(bool resumable)
        {
            PretrainingOptions options = AllLosses(16);
            if (resumable)
                (options.Training.CheckpointDirectory, options.Training.CheckpointEverySteps) = (folder.File("checkpoint"), 3);
            return options;
        }

        List<double> expected = [.. Toys.Run(Toys.Task(folder, Options(resumable: false), output: "unbroken")).Select(loss => loss["sum"])];
        Assert.ThrowsExactly<TimeoutException>(() => Toys.Run(
            Toys.Task(folder, Options(resumable: true), output: "resumed"), state => { if (state.Step == 8) throw new TimeoutException(); }));
        Assert.IsFalse(Directory.Exists(folder.File("resumed")), "nothing is written before the end");
        List<double> resumed = [.. Toys.Run(Toys.Task(folder, Options(resumable: true), output: "resumed")).Select(loss => loss["sum"])];

        CollectionAssert.AreEqual(expected[6..], resumed, "from the checkpoint of step 6");
        CollectionAssert.AreEqual(File.ReadAllBytes(folder.File("unbroken/model.safetensors")), File.ReadAllBytes(folder.File("resumed/model.safetensors")));
    }

    [TestMethod]
    public void A_checkpoint_of_other_losses_or_texts_is_refused()
    {
        using var folder = new TemporaryFolder();
        void Run(Action<PretrainingOptions> change, int documents, bool stop)
        {
            PretrainingOptions options = AllLosses(4);
            (options.Training.CheckpointDirectory, options.Training.CheckpointEverySteps) = (folder.File("checkpoint"), 1);
            change(options);
            PretrainingTask task = Toys.Task(folder, options) with { Texts = () => Toys.Corpus(1, documents) };
            Toys.Run(task, state => { if (stop && state.Step == 2) throw new TimeoutException(); });
        }

        Assert.ThrowsExactly<TimeoutException>(() => Run(_ => { }, 150, stop: true));
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => Run(options => options.Contrastive!.Temperature = 0.1, 150, stop: false)).Message, "data: checkpoint");
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => Run(_ => { }, 151, stop: false)).Message, "data: checkpoint");
        Run(_ => { }, 150, stop: false);
    }

    [TestMethod]
    public void Memory_stays_flat()
    {
        using var folder = new TemporaryFolder();
        var counts = new List<long>();
        PretrainingOptions options = AllLosses(200);
        options.Training.BatchSize = 4;
        long before = LiveTensors.Count();
        Toys.Run(Toys.Task(folder, options, Toys.Encoder(layers: 1, hidden: 8)), state => { if (state.Step % 50 == 0) counts.Add(LiveTensors.Count()); });
        Assert.HasCount(4, counts);
        Assert.IsTrue(counts.TrueForAll(count => count == counts[0]), string.Join(", ", counts));
        Assert.AreEqual(before, LiveTensors.Count(), "tensors left after the run");
    }

    [TestMethod]
    public void Batches_of_one_row_train()
    {
        using var folder = new TemporaryFolder();
        PretrainingOptions options = AllLosses(5);
        options.Training.BatchSize = 1;
        foreach (Dictionary<string, double> step in Toys.Run(Toys.Task(folder, options)))
            Assert.AreEqual(0, step["contrastive"], 1e-6, "one pair has no negatives");
    }

    [TestMethod]
    public void The_time_limit_ends_training_and_the_encoder_is_written()
    {
        using var folder = new TemporaryFolder();
        PretrainingOptions options = Toys.Options(1_000_000);
        options.Training.MaxDuration = TimeSpan.FromSeconds(0.3);
        TrainingResult result = Pretrainer.Run(Toys.Task(folder, options));
        Assert.AreEqual(StopReason.Duration, result.Reason);
        Assert.HasCount(Toys.Embed(EncoderSource.FromDirectory(folder.File("encoder")), ["a river"]).Length, Enumerable.Range(0, 32).ToArray());
    }

    [TestMethod]
    public void Continued_training_starts_from_the_weights_and_keeps_pooling()
    {
        using var folder = new TemporaryFolder();
        PretrainingOptions options = Toys.Options(30);
        options.Contrastive = new ContrastiveLearning();
        double end = Toys.Run(Toys.Task(folder, options))[^5..].Average(loss => loss["mlm"]);
        PretrainingOptions again = Toys.Options(2);
        again.Training.LearningRate = 1e-5;
        double start = Toys.Run(Toys.Task(folder, again, EncoderSource.FromDirectory(folder.File("encoder")), "further"))[0]["mlm"];
        Assert.AreEqual(end, start, 0.5);
        using PretrainedEncoder further = PretrainedEncoder.FromDirectory(folder.File("further"));
        Assert.AreEqual(PoolingMode.Mean, further.Pooling);
    }

    [TestMethod]
    public void What_cannot_work_is_said_before_any_work()
    {
        using var folder = new TemporaryFolder();
        void Fails<TException>(PretrainingTask task, params string[] says) where TException : Exception
        {
            TException e = Assert.ThrowsExactly<TException>(() => Pretrainer.Run(task));
            foreach (string part in says)
                StringAssert.Contains(e.Message, part);
            Assert.IsFalse(Directory.Exists(task.OutputDirectory) && task.OutputDirectory.EndsWith("encoder", StringComparison.Ordinal));
        }

        PretrainingOptions options = Toys.Options(2);
        options.MaxLength = 41;
        Fails<ArgumentException>(Toys.Task(folder, options), "MaxLength is 41", "at most 40");
        options = Toys.Options(2);
        Fails<ArgumentException>(Toys.Task(folder, options) with { Texts = () => [new CorpusText("One text.")] }, "1 passages", "2 at least");
        Fails<InvalidOperationException>(Toys.Task(folder, options) with { Texts = () => [] }, "no words");
        Fails<ArgumentException>(Toys.Task(folder, options) with { Texts = () => [new CorpusText("A text."), new CorpusText(null!, "second")] }, "'second' is null");
        options.Contrastive = new ContrastiveLearning { Pairs = PassagePairs.Heading };
        Fails<ArgumentException>(Toys.Task(folder, options) with { Texts = () => [new CorpusText("A text."), new CorpusText("Another.")] }, "0 pairs (Heading)");

        Directory.CreateDirectory(folder.File("mine"));
        File.WriteAllText(folder.File("mine/notes.txt"), "mine");
        Fails<IOException>(Toys.Task(folder, Toys.Options(2), output: "mine") with { Texts = () => throw new InvalidOperationException("read too early") }, "not overwritten");
        Assert.IsTrue(File.Exists(folder.File("mine/notes.txt")));
    }

    [TestMethod]
    public void The_tokenised_corpus_stays_in_the_work_folder_and_else_goes()
    {
        using var folder = new TemporaryFolder();
        Pretrainer.Run(Toys.Task(folder, Toys.Options(1)) with { WorkDirectory = folder.File("work") });
        using (TokenStore store = TokenStore.Open(folder.File("work")))
            Assert.AreEqual(300, store.Description.Paragraphs);
    }
}
