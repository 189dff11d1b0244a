using MLNet.FineTune.Models;
using MLNet.FineTune.Pretraining;
using MLNet.FineTune.Tests.Models;
using MLNet.FineTune.Tests.Peft;
using MLNet.FineTune.Tokenization;
using MLNet.FineTune.Training;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Pretraining;

[TestClass]
public sealed class DistillationTests
{
    private const int TeacherWidth = 48;

    private static readonly Lazy<TemporaryFolder> Folder = new();

    /// <summary>Trained on pairs of the toy corpus once for all tests; has dropout, and a vocabulary of its own.</summary>
    private static readonly Lazy<EncoderSource> Teacher = new(() =>
    {
        PretrainingOptions options = Toys.Options(40);
        (options.MaskedLanguageModeling, options.Contrastive) = (null, new ContrastiveLearning());
        Toys.Run(Toys.Task(Folder.Value, options, Toys.Encoder(layers: 2, hidden: TeacherWidth, vocabulary: 130), "teacher"));
        return EncoderSource.FromDirectory(Folder.Value.File("teacher"));
    });

    private static readonly string[] HeldOut = [.. Toys.Corpus(7, 20).Select(text => text.Text).Distinct()];

    [ClassCleanup]
    public static void Clean()
    {
        if (Folder.IsValueCreated)
            Folder.Value.Dispose();
    }

    private static PretrainingOptions Options(int steps, EncoderDistillation distillation)
    {
        PretrainingOptions options = Toys.Options(steps);
        (options.MaskedLanguageModeling, options.Distillation) = (null, distillation);
        distillation.Teacher = Teacher.Value;
        return options;
    }

    /// <summary>An encoder with the teacher's vocabulary, and its weights where they fit.</summary>
    private static EncoderSource FromTeacher(int layers, int hidden) => EncoderSource.FromScratch(new ScratchEncoderOptions
    {
        LayerCount = layers, HiddenSize = hidden, HeadCount = 2, IntermediateSize = 64, MaxLength = 40, StartFrom = Teacher.Value,
    });

    /// <summary>How far the similarities of held-out texts are from the teacher's: the root of the mean squared difference.</summary>
    private static double Distance(EncoderSource student)
    {
        double[] mine = Similarities(Toys.Embed(student, HeldOut)), theirs = Similarities(Toys.Embed(Teacher.Value, HeldOut));
        return Math.Sqrt(mine.Zip(theirs).Average(pair => Math.Pow(pair.First - pair.Second, 2)));
    }

    private static double[] Similarities(float[] embeddings)
    {
        int width = embeddings.Length / HeldOut.Length;
        return [.. Enumerable.Range(0, HeldOut.Length * HeldOut.Length).Select(pair => (I: pair / HeldOut.Length, J: pair % HeldOut.Length)).Where(pair => pair.I < pair.J)
            .Select(pair => Toys.Cosine(embeddings.AsSpan(pair.I * width, width), embeddings.AsSpan(pair.J * width, width)))];
    }

    /// <summary>The teacher has another vocabulary and width; distillation is the only loss.</summary>
    [TestMethod]
    [DataRow(nameof(EmbeddingMatch.Cosine))]
    [DataRow(nameof(EmbeddingMatch.MeanSquaredError))]
    [DataRow(nameof(EmbeddingMatch.Similarity))]
    public void A_student_comes_to_embed_unseen_texts_as_a_teacher_of_another_vocabulary_does(string match)
    {
        using var folder = new TemporaryFolder();
        var distillation = new EncoderDistillation { EmbeddingMatch = Enum.Parse<EmbeddingMatch>(match) };
        Toys.Run(Toys.Task(folder, Options(1, distillation), output: "before"));
        List<Dictionary<string, double>> losses = Toys.Run(Toys.Task(folder, Options(80, distillation), output: "after"));
        CollectionAssert.AreEquivalent((string[])["distill-embedding", "sum"], losses[0].Keys.ToArray());
        Assert.IsLessThan(0.5 * losses[0]["sum"], losses[^5..].Average(loss => loss["sum"]));
        double before = Distance(EncoderSource.FromDirectory(folder.File("before"))), after = Distance(EncoderSource.FromDirectory(folder.File("after")));
        Assert.IsLessThan(0.6 * before, after);
        using PretrainedEncoder student = PretrainedEncoder.FromDirectory(folder.File("after"));
        Assert.AreEqual(32, student.Config.HiddenSize, "the projection is not part of the encoder");
    }

    [TestMethod]
    [DataRow(nameof(HiddenStateMatch.MeanSquaredError), TeacherWidth, false)]
    [DataRow(nameof(HiddenStateMatch.MeanSquaredError), 32, true)]
    [DataRow(nameof(HiddenStateMatch.Cosine), 32, true)]
    public void A_shallower_student_learns_hidden_states_alone_or_beside_masked_language_modelling(string match, int width, bool masked)
    {
        using var folder = new TemporaryFolder();
        PretrainingOptions options = Options(60, new EncoderDistillation { HiddenWeight = 2, HiddenMatch = Enum.Parse<HiddenStateMatch>(match), EmbeddingWeight = 0 });
        (options.MaskedLanguageModeling, options.Dropout) = (masked ? new MaskedLanguageModeling() : null, 0);
        List<Dictionary<string, double>> losses = Toys.Run(Toys.Task(folder, options, FromTeacher(1, width)));
        Assert.AreEqual(losses[0].GetValueOrDefault("mlm") + 2 * losses[0]["distill-hidden"], losses[0]["sum"], 1e-4);
        Assert.IsLessThan(0.8 * losses[0]["distill-hidden"], losses[^5..].Average(loss => loss["distill-hidden"]));
    }

    /// <summary>A teacher is no part of what is trained: its outputs, of which dropout would make noise, are the same bits throughout.</summary>
    [TestMethod]
    public void The_teacher_is_never_changed()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        PretrainingOptions options = Options(1, new EncoderDistillation { HiddenWeight = 1 });
        byte[] file = File.ReadAllBytes(Folder.Value.File("teacher/model.safetensors"));
        using PretrainedEncoder encoder = FromTeacher(1, TeacherWidth).Open([]);
        using DistillationTeacher teacher = DistillationTeacher.Open(options, encoder, [], CPU);
        Assert.IsTrue(teacher.SharesVocabulary);
        TextTokenizer tokenizer = encoder.Tokenizer;
        int[][] texts = [.. HeldOut.Select(text => tokenizer.Encode(text, null, 40, Truncation.Head).Ids)];
        float[] Output() => [.. teacher.Encode(texts, [0, 1, 2]) is var output ? output.States.SelectMany(states => states).Append(output.Embeddings).SelectMany(tensor => tensor.data<float>().ToArray()) : []];
        float[] before = Output();
        CollectionAssert.AreEqual(before, Output(), "dropout is off");
        using (TextEmbedder embedder = TextEmbedder.Create(Teacher.Value, Precision.Float32, CPU))
        {
            var embeddings = new float[HeldOut.Length * TeacherWidth];
            embedder.Embed([.. HeldOut.Select(text => new TextInput(text))], embeddings);
            for (int i = 0; i < embeddings.Length; i++)
                Assert.AreEqual(embeddings[i], before[^embeddings.Length..][i], 1e-5f);
        }

        using TaskModel model = encoder.CreateMaskedLanguageModel(CPU, dropout: null);
        using var losses = new PretrainingLosses(options, model, PoolingMode.Mean, teacher);
        using TokenStore store = TinyCorpus.Store(folder, Toys.Corpus(1, 40), tokenizer);
        List<PassagePair> rows = new PassageBuilder(store, 38, new Random(1)).Passages();
        var reader = new PassageReader(store, tokenizer, 40);
        using var objective = new PretrainingObjective(model.Encoder, losses.All, new PassageBatches(rows, reader, paired: false, masking: null), PoolingMode.Mean,
            passages => teacher.Encode([.. passages.Select(passage => reader.Read(passage).Ids)], [0, 2]));
        var training = new TrainingOptions { MaxSteps = 5, BatchSize = 8, LearningRate = 1e-2 };
        TrainingLoop.Run(new TrainingTask
        {
            Groups = ParameterGroups.Build(losses.Parameters(), training, 1), Objective = objective,
            Sampler = new LengthBucketedSampler([.. rows.Select(row => reader.Length(row.Anchor))], 8, seed: 1),
        }, training);
        CollectionAssert.AreEqual(before, Output());
        CollectionAssert.AreEqual(file, File.ReadAllBytes(Folder.Value.File("teacher/model.safetensors")));
    }

    [TestMethod]
    public void Several_teachers_give_the_mean_of_their_embeddings_each_at_length_one()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        EncoderSource second = Further(folder);
        PretrainingOptions options = Options(1, new EncoderDistillation { AdditionalTeachers = [second] });
        using PretrainedEncoder encoder = FromTeacher(1, TeacherWidth).Open([]);
        using DistillationTeacher teacher = DistillationTeacher.Open(options, encoder, [], CPU);
        int[][] texts = [.. HeldOut.Select(text => encoder.Tokenizer.Encode(text, null, 40, Truncation.Head).Ids)];
        float[] found = teacher.Encode(texts, []).Embeddings.data<float>().ToArray();

        float[] first = Toys.Embed(Teacher.Value, HeldOut), other = Toys.Embed(second, HeldOut);
        for (int text = 0; text < HeldOut.Length; text++)
        {
            double Length(float[] rows) => Math.Sqrt(rows.AsSpan(text * TeacherWidth, TeacherWidth).ToArray().Sum(value => (double)value * value));
            for (int i = text * TeacherWidth; i < (text + 1) * TeacherWidth; i++)
                Assert.AreEqual((first[i] / Length(first) + other[i] / Length(other)) / 2, found[i], 1e-5);
        }
    }

    /// <summary>What is taught differs in as many directions as were asked for; and a student comes to tell by them what its texts begin with.</summary>
    [TestMethod]
    public void The_first_word_is_taught_in_a_few_directions()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        PretrainingOptions options = Options(80, new EncoderDistillation { FirstWordDimensions = 3, FirstWordScale = 2 });
        using (PretrainedEncoder encoder = FromTeacher(1, TeacherWidth).Open([]))
        using (DistillationTeacher teacher = DistillationTeacher.Open(options, encoder, [], CPU))
        {
            int[][] texts = [.. Toys.Corpus(3, 60).Select(text => encoder.Tokenizer.Encode(text.Text, null, 40, Truncation.Head).Ids)];
            Tensor before = teacher.Encode(texts, []).Embeddings;
            teacher.TellFirstWord(texts, options.Distillation!);
            Tensor values = linalg.svd(teacher.Encode(texts, []).Embeddings - before).S;
            Assert.IsGreaterThan(1e-2f, values[2].item<float>());
            Assert.IsLessThan(1e-3f, values[3].item<float>());
        }

        options.Dropout = 0;
        List<Dictionary<string, double>> losses = Toys.Run(Toys.Task(folder, options, FromTeacher(2, TeacherWidth)));
        Assert.IsLessThan(0.5 * losses[0]["sum"], losses[^5..].Average(loss => loss["sum"]));
    }

    [TestMethod]
    public void Teachers_that_do_not_go_together_are_errors()
    {
        using var folder = new TemporaryFolder();
        void Refused(string says, EncoderDistillation distillation) =>
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Toys.Run(Toys.Task(folder, Options(1, distillation)))).Message, says);

        PretrainingOptions options = Toys.Options(1);
        Toys.Run(Toys.Task(folder, options, Toys.Encoder(vocabulary: 120), "words"));
        Toys.Run(Toys.Task(folder, options, FromTeacher(1, 32), "narrow"));
        Refused("AdditionalTeachers[0] is an encoder of another vocabulary", new EncoderDistillation { AdditionalTeachers = [EncoderSource.FromDirectory(folder.File("words"))] });
        Refused("AdditionalTeachers[1] is an encoder whose embeddings have 32 dimensions", new EncoderDistillation { AdditionalTeachers = [Teacher.Value, EncoderSource.FromDirectory(folder.File("narrow"))] });
        Refused("AdditionalTeachers[0] is a", new EncoderDistillation { AdditionalTeachers = [new UntrainedEncoderSource(Teacher.Value)] });
        options.MaxLength = 20;
        Toys.Run(Toys.Task(folder, options, EncoderSource.FromScratch(new ScratchEncoderOptions { LayerCount = 1, HiddenSize = TeacherWidth, HeadCount = 2, IntermediateSize = 8, MaxLength = 20, StartFrom = Teacher.Value }), "short"));
        Assert.Contains("AdditionalTeachers[0] is an encoder that takes 20 tokens", Assert.ThrowsExactly<ArgumentException>(() => Toys.Run(Toys.Task(
            folder, Options(1, new EncoderDistillation { HiddenWeight = 1, AdditionalTeachers = [EncoderSource.FromDirectory(folder.File("short"))] }), FromTeacher(1, TeacherWidth)))).Message);
        Refused("FirstWordDimensions is 49; expected at most 48", new EncoderDistillation { FirstWordDimensions = 49 });
    }

    [TestMethod]
    [DataRow(null, false)]
    [DataRow(true, true)]
    public void The_encoder_says_whether_its_embeddings_have_length_one(bool? asked, bool expected)
    {
        using var folder = new TemporaryFolder();
        PretrainingOptions options = Options(1, new EncoderDistillation());
        options.NormalizeEmbeddings = asked;
        Toys.Run(Toys.Task(folder, options));
        using PretrainedEncoder encoder = PretrainedEncoder.FromDirectory(folder.File("encoder"));
        Assert.AreEqual(expected, encoder.Normalize);
    }

    /// <summary>The teacher trained a little further on the toy corpus.</summary>
    private static EncoderSource Further(TemporaryFolder folder)
    {
        PretrainingOptions options = Toys.Options(3);
        (options.MaskedLanguageModeling, options.Contrastive) = (null, new ContrastiveLearning());
        Toys.Run(Toys.Task(folder, options, Teacher.Value, "further"));
        return EncoderSource.FromDirectory(folder.File("further"));
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void A_broken_off_distillation_goes_on_bit_for_bit_and_not_with_another_teacher(bool firstWord)
    {
        using var folder = new TemporaryFolder();
        EncoderSource further = Further(folder);
        PretrainingOptions WithCheckpoints()
        {
            PretrainingOptions options = Options(10, firstWord ? new EncoderDistillation { AdditionalTeachers = [further], FirstWordDimensions = 4 } : new EncoderDistillation());
            options.Contrastive = new ContrastiveLearning { Pairs = PassagePairs.Neighbor };
            (options.Training.CheckpointDirectory, options.Training.CheckpointEverySteps) = (folder.File("checkpoint"), 2);
            return options;
        }

        void Break() => Assert.ThrowsExactly<TimeoutException>(() => Toys.Run(Toys.Task(folder, WithCheckpoints()), state => { if (state.Step == 5) throw new TimeoutException(); }));

        PretrainingOptions unbroken = WithCheckpoints();
        (unbroken.Training.CheckpointDirectory, unbroken.Training.CheckpointEverySteps) = (null, null);
        List<double> expected = [.. Toys.Run(Toys.Task(folder, unbroken, output: "unbroken")).Select(loss => loss["sum"])];
        Break();
        CollectionAssert.AreEqual(expected[4..], Toys.Run(Toys.Task(folder, WithCheckpoints())).Select(loss => loss["sum"]).ToList());
        CollectionAssert.AreEqual(File.ReadAllBytes(folder.File("unbroken/model.safetensors")), File.ReadAllBytes(folder.File("encoder/model.safetensors")));

        Break();
        PretrainingOptions other = WithCheckpoints();
        if (firstWord)
            other.Distillation!.AdditionalTeachers = [Teacher.Value];
        else
            other.Distillation!.Teacher = EncoderSource.FromDirectory(folder.File("unbroken"));
        // The same parameters, or the refusal would be for their shapes.
        other.Distillation!.EmbeddingMatch = EmbeddingMatch.Cosine;
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => Toys.Run(Toys.Task(folder, other))).Message, "data: checkpoint");
    }

    [TestMethod]
    public void Memory_stays_flat()
    {
        using var folder = new TemporaryFolder();
        PretrainingOptions options = Options(100, new EncoderDistillation { HiddenWeight = 1, AdditionalTeachers = [Teacher.Value], FirstWordDimensions = 2 });
        options.Training.BatchSize = 4;
        var counts = new List<long>();
        long before = LiveTensors.Count();
        Toys.Run(Toys.Task(folder, options, FromTeacher(1, 8)), state => { if (state.Step % 25 == 0) counts.Add(LiveTensors.Count()); });
        Assert.HasCount(4, counts);
        Assert.IsTrue(counts.TrueForAll(count => count == counts[0]), string.Join(", ", counts));
        Assert.AreEqual(before, LiveTensors.Count(), "tensors left after the run");
    }

    [TestMethod]
    public void Hidden_states_of_another_vocabulary_or_longer_texts_than_the_teacher_takes_are_errors()
    {
        using var folder = new TemporaryFolder();
        PretrainingOptions options = Options(1, new EncoderDistillation { HiddenWeight = 1 });
        ArgumentException e = Assert.ThrowsExactly<ArgumentException>(() => Toys.Run(Toys.Task(folder, options)));
        StringAssert.Contains(e.Message, "another vocabulary");
        StringAssert.Contains(e.Message, "EncoderDistillation.HiddenWeight");
        StringAssert.Contains(e.Message, "teacher");

        options.MaxLength = 60;
        EncoderSource longer = EncoderSource.FromScratch(new ScratchEncoderOptions { LayerCount = 1, HiddenSize = 8, HeadCount = 2, IntermediateSize = 8, MaxLength = 60, StartFrom = Teacher.Value });
        e = Assert.ThrowsExactly<ArgumentException>(() => Toys.Run(Toys.Task(folder, options, longer)));
        StringAssert.Contains(e.Message, "MaxLength is 60; expected at most 40");
        options.Distillation!.HiddenWeight = 0;
        Toys.Run(Toys.Task(folder, options, longer));
    }

    /// <summary>All losses of a first step, teacher and projections included, in both number formats.</summary>
    [TestMethod]
    public void Mixed_precision_gives_the_same_losses_nearly()
    {
        using var folder = new TemporaryFolder();
        Dictionary<string, double> First(Precision precision)
        {
            PretrainingOptions options = Options(1, new EncoderDistillation { HiddenWeight = 1 });
            (options.MaskedLanguageModeling, options.Contrastive, options.BagOfWords) = (new MaskedLanguageModeling(), new ContrastiveLearning(), new BagOfWordsPrediction());
            (options.Precision, options.Dropout) = (precision, 0);
            return Toys.Run(Toys.Task(folder, options, FromTeacher(1, 32)))[0];
        }

        Dictionary<string, double> single = First(Precision.Float32), mixed = First(Precision.BFloat16);
        Assert.HasCount(6, single);
        foreach ((string name, double loss) in single)
            Assert.AreEqual(loss, mixed[name], 0.02 * loss, name);
    }

    [TestMethod]
    public void A_teacher_without_trained_weights_is_refused()
    {
        using var folder = new TemporaryFolder();
        PretrainingOptions options = Options(1, new EncoderDistillation());
        options.Distillation!.Teacher = new UntrainedEncoderSource(Teacher.Value);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Toys.Run(Toys.Task(folder, options))).Message, "expected an encoder with trained weights");
    }

    /// <summary>Files that differ in what does not matter are of one vocabulary; one word of another is not.</summary>
    [TestMethod]
    public void Vocabularies_are_compared_by_what_they_make_of_texts()
    {
        using var folder = new TemporaryFolder();
        PretrainedEncoder Open(string name, string? configuration = null, Func<string, string>? vocabulary = null)
        {
            TinyTexts.WriteCheckpoint(folder.File(name));
            if (configuration is not null)
                File.WriteAllText(folder.File(name + "/tokenizer_config.json"), configuration);
            if (vocabulary is not null)
                File.WriteAllText(folder.File(name + "/vocab.txt"), vocabulary(TinyTexts.Vocabulary));
            return PretrainedEncoder.FromDirectory(folder.File(name));
        }

        string[] texts = ["the Red house", "green car"];
        using PretrainedEncoder first = Open("a"), same = Open("b"), reordered = Open("c", """{"model_max_length":20}"""), cased = Open("d", """{"do_lower_case":false}"""),
            swapped = Open("e", vocabulary: text => text.Replace("red\n", "-\n", StringComparison.Ordinal).Replace("green\n", "red\n", StringComparison.Ordinal).Replace("-\n", "green\n", StringComparison.Ordinal));
        Assert.IsTrue(VocabularyComparison.Same(first, same, []));
        Assert.IsTrue(VocabularyComparison.Same(first, reordered, texts));
        Assert.IsFalse(VocabularyComparison.Same(first, cased, texts));
        Assert.IsFalse(VocabularyComparison.Same(first, swapped, texts));
    }
}
