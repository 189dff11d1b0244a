using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.FineTune.Tests.Readme;

/// <summary>The README's programs, as written there: what stands between two <c>// snippet</c> comments is one code block.</summary>
[TestClass]
public sealed class Snippets
{
    private static readonly EncoderSource Small = EncoderSource.FromScratch(
        new ScratchEncoderOptions { LayerCount = 1, HiddenSize = 32, HeadCount = 2, IntermediateSize = 64, VocabularySize = 300, MaxLength = 32 });

    [TestMethod]
    public void Pipeline()
    {
        using var folder = new TemporaryFolder();
        string file = folder.File("tickets.zip");
        // snippet pipeline
        var ml = new MLContext(seed: 1);
        IDataView train = ml.Data.LoadFromEnumerable(Tickets.All); // or LoadFromTextFile, or any other source

        var pipeline = ml.Transforms.Conversion.MapValueToKey("Label", "Intent")
            .Append(ml.MulticlassClassification.Trainers.FineTune(new TextClassificationOptions
            {
                Sentence1ColumnName = "Text",
                Peft = new Lora { Rank = 8, Alpha = 16 },
                Training = { Epochs = 5, BatchSize = 32, ValidationFraction = 0.1, EarlyStoppingPatience = 2 },
            }))
            .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedIntent", "PredictedLabel"));

        ITransformer model = pipeline.Fit(train);
        MulticlassClassificationMetrics metrics = ml.MulticlassClassification.Evaluate(model.Transform(train));

        ml.Model.Save(model, train.Schema, file);                                 // an ordinary ML.NET zip
        ITransformer loaded = new MLContext().Model.Load(file, out _);            // nothing to register

        var engine = ml.Model.CreatePredictionEngine<Ticket, Prediction>(loaded);
        string intent = engine.Predict(new Ticket { Text = "where is my parcel?" }).PredictedIntent;
        // snippet end
        CollectionAssert.Contains(Tickets.All.Select(ticket => ticket.Intent).ToArray(), intent);
        Assert.IsGreaterThan(0, metrics.MicroAccuracy);
        (model as IDisposable)?.Dispose();
        engine.Dispose();
    }

    [TestMethod]
    public void Pairs()
    {
        var ml = new MLContext(seed: 1);
        IDataView train = ml.Data.LoadFromEnumerable(Enumerable.Range(0, 20).Select(i => new Pair($"question {i}", i % 2 == 0 ? $"question {i} again" : "something else", i % 2 == 0)));
        // snippet pairs
        var trainer = ml.BinaryClassification.Trainers.FineTune(
            EncoderSource.Default, labelColumnName: "IsDuplicate", sentence1ColumnName: "Question1", sentence2ColumnName: "Question2", epochs: 3);
        var results = ml.BinaryClassification.CrossValidateNonCalibrated(train, trainer, numberOfFolds: 2, labelColumnName: "IsDuplicate");
        // snippet end
        Assert.HasCount(2, results);
    }

    [TestMethod]
    public void Numbers()
    {
        var ml = new MLContext(seed: 1);
        IDataView tickets = ml.Data.LoadFromEnumerable(Enumerable.Range(0, 20).Select(i => new Request(i % 2 == 0 ? $"it burns, number {i}" : "a question", i % 5)));
        // snippet numbers
        var urgency = ml.Regression.Trainers.FineTune(new TextRegressionOptions
        {
            LabelColumnName = "Urgency",
            Sentence1ColumnName = "Text",
            Peft = new Lora(),
            Training = { Epochs = 5, ValidationFraction = 0.2, ValidationMetric = ValidationMetric.SpearmanCorrelation },
        });
        RegressionMetrics metrics = ml.Regression.Evaluate(urgency.Fit(tickets).Transform(tickets), "Urgency");
        // snippet end
        Assert.IsTrue(double.IsFinite(metrics.RootMeanSquaredError));
    }

    [TestMethod]
    public void Tokens()
    {
        var ml = new MLContext(seed: 1);
        IDataView sentences = ml.Data.LoadFromEnumerable(Enumerable.Range(0, 20).Select(i => i % 2 == 0 ? new TaggedSentence("anna went to york", "B-PER O O B-LOC") : new TaggedSentence("from new york", "O B-LOC I-LOC")));
        // snippet tokens
        var pipeline = ml.Transforms.Text.TokenizeIntoWords("Words", "Sentence")
            .Append(ml.Transforms.Text.TokenizeIntoWords("Label", "Tags"))        // "B-PER O O B-LOC", a tag a word
            .Append(ml.Transforms.Conversion.MapValueToKey("Label"))
            .Append(ml.MulticlassClassification.Trainers.FineTuneTokens(new TokenClassificationOptions
            {
                Sentence1ColumnName = "Words",
                Peft = new PTuningV2(),
                Training = { Epochs = 5, ValidationFraction = 0.1, ValidationMetric = ValidationMetric.EntityF1 },
            }))
            .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedTags", "PredictedLabel"));
        var model = pipeline.Fit(sentences);
        TokenClassificationMetrics metrics = ml.FineTuning().EvaluateTokens(model.Transform(sentences));
        // snippet end
        Assert.AreEqual(70, metrics.TokenCount);
        Assert.AreEqual(30, metrics.EntityCount);
    }

    [TestMethod]
    public void Answers()
    {
        var ml = new MLContext(seed: 1);
        IDataView questions = ml.Data.LoadFromEnumerable(Enumerable.Range(0, 20).Select(i => i % 2 == 0 ? new Question("who left?", "anna left york", "anna", 0) : new Question("who left?", "it rained in york", "", 0)));
        // snippet answers
        var answering = ml.MulticlassClassification.Trainers.FineTuneQuestions(new QuestionAnsweringOptions
        {
            Peft = new Lora(),                                                    // columns Question, Context, Answer and AnswerStart
            NullScoreThreshold = 0,                                               // a context may have no answer, as in SQuAD 2
            Training = { Epochs = 3, ValidationFraction = 0.1, EarlyStoppingPatience = 2 },
        });
        using QuestionAnsweringTransformer model = answering.Fit(questions);
        IDataView answered = model.Transform(questions);                          // with PredictedAnswer, Score, PredictedStart and PredictedLength
        QuestionAnsweringMetrics metrics = ml.FineTuning().EvaluateAnswers(answered);
        // snippet end
        Assert.AreEqual((20, 10), (metrics.QuestionCount, metrics.UnanswerableCount));
    }

    [TestMethod]
    public void PretrainedModels()
    {
        using var folder = new TemporaryFolder();
        string directory = folder.File("model"), file = folder.File("model.zip");
        var ml = new MLContext(seed: 1);
        IDataView reviews = ml.Data.LoadFromEnumerable(Tickets.All);
        IDataView keyed = ml.Transforms.Conversion.MapValueToKey("Label", "Intent").Fit(reviews).Transform(reviews);
        using (var fitted = ml.MulticlassClassification.Trainers.FineTune(new TextClassificationOptions { Sentence1ColumnName = "Text", Encoder = Small, Pooling = PoolingMode.Cls, Training = { Epochs = 1 } }).Fit(keyed))
            fitted.SavePretrained(directory);
        // snippet pretrained_models
        using var sentiment = ml.FineTuning().LoadPretrainedClassifier(EncoderSource.FromDirectory(directory), new PretrainedTextOptions { Sentence1ColumnName = "Text" });
        IDataView scored = sentiment.Transform(reviews);                          // PredictedLabel: a key with the names that config.json gives the classes
        ml.Model.Save(sentiment, reviews.Schema, file);                           // an ordinary ML.NET zip
        // snippet end
        CollectionAssert.AreEquivalent(Tickets.All.Select(ticket => ticket.Intent).Distinct().ToArray(), sentiment.ClassNames.ToArray());
        Assert.HasCount(Tickets.All.Length, scored.GetColumn<uint>("PredictedLabel").ToArray());
        Assert.IsTrue(File.Exists(file));
    }

    [TestMethod]
    public void TextForms()
    {
        // snippet unions
        PeftMethod union = new PeftUnion(new PrefixTuning { Length = 10 }, BottleneckAdapter.ScaledParallel());
        PeftMethod same = PeftMethod.Parse("prefix-tuning(length=10) | bottleneck(placement=parallel, scale=4, size=64)");
        // snippet end
        Assert.AreEqual(2, ((PeftUnion)union).Parts.Length);
        Assert.AreEqual(2, ((PeftUnion)same).Parts.Length);
        Assert.AreEqual(same, PeftMethod.Parse(same.Format()));
    }

    [TestMethod]
    public void Adapters()
    {
        using var folder = new TemporaryFolder();
        var ml = new MLContext(seed: 1);
        IDataView train = ml.Data.LoadFromEnumerable(Tickets.All);
        IDataView keyed = ml.Transforms.Conversion.MapValueToKey("Label", "Intent").Fit(train).Transform(train);
        using var model = ml.MulticlassClassification.Trainers.FineTune(new TextClassificationOptions { Sentence1ColumnName = "Text", Peft = new Lora(), Training = { Epochs = 1 } }).Fit(keyed);
        // snippet adapters
        Console.WriteLine(model.DescribeParameters().ToTable());                  // every parameter, its shape, whether it trained
        model.SaveAdapter(Path.Combine(folder.Path, "intents"));                  // as Python's peft has it

        using AdapterSet adapters = ml.FineTuning().CreateAdapterSet(EncoderSource.Default);
        adapters.Add("intents", model);                                           // or Load("intents", folder)
        adapters.Load("again", Path.Combine(folder.Path, "intents"));
        adapters.Merge("mean", new Dictionary<string, double> { ["intents"] = 0.5, ["again"] = 0.5 });
        float[][] scores = adapters.Score(["where is my parcel?", "thank you"], ["intents", "mean"]);
        // snippet end
        Assert.HasCount(2, scores);
        Assert.AreEqual(1, scores[1].Sum(), 1e-4f);
    }

    [TestMethod]
    public void Progress()
    {
        using var folder = new TemporaryFolder();
        using var cancel = new CancellationTokenSource();
        // snippet progress
        var training = new TrainingOptions
        {
            Epochs = 3,
            LearningRate = 5e-4,
            Schedule = LearningRateSchedule.Cosine,
            CheckpointDirectory = Path.Combine(folder.Path, "checkpoints"),       // a killed run goes on exactly from here
            CheckpointEverySteps = 100,
            TensorBoardDirectory = Path.Combine(folder.Path, "runs"),
            Progress = new Progress<TrainingProgress>(p => Console.WriteLine($"{p.Step}/{p.TotalSteps} loss {p.Loss:F3}, {p.Remaining:mm\\:ss} left")),
            CancellationToken = cancel.Token,
        };
        // snippet end
        var ml = new MLContext(seed: 1);
        IDataView train = ml.Transforms.Conversion.MapValueToKey("Label", "Intent").Fit(ml.Data.LoadFromEnumerable(Tickets.All)).Transform(ml.Data.LoadFromEnumerable(Tickets.All));
        using var model = ml.MulticlassClassification.Trainers.FineTune(new TextClassificationOptions { Sentence1ColumnName = "Text", Encoder = Small, Training = training }).Fit(train);
        Assert.IsNotEmpty(Directory.GetFiles(Path.Combine(folder.Path, "runs"), "*", SearchOption.AllDirectories));
    }

    [TestMethod]
    public void Regularization()
    {
        var ml = new MLContext(seed: 1);
        IDataView train = ml.Transforms.Conversion.MapValueToKey("Label", "Intent").Fit(ml.Data.LoadFromEnumerable(Tickets.All)).Transform(ml.Data.LoadFromEnumerable(Tickets.All));
        IDataView validation = train;
        // snippet regularization
        TextClassificationTransformer[] models = [.. new[] { 2e-4, 5e-4, 1e-3 }.Select(rate => new MLContext(seed: 1).MulticlassClassification.Trainers.FineTune(new TextClassificationOptions
        {
            Sentence1ColumnName = "Text",
            Peft = new Lora { Dropout = 0.1f },
            Consistency = new RDrop(),                                            // or new Smart { ProximalWeight = 1 }
            Training = { Epochs = 3, LearningRate = rate, WeightAveraging = new ExponentialMovingAverage() },
        }).Fit(train))];

        using TextClassificationTransformer mean = ml.FineTuning().Soup(models);
        GreedySoup<TextClassificationTransformer> best = ml.FineTuning().GreedySoup(models, validation);
        Console.WriteLine($"{best.Metric:P1} with {best.Ingredients.Count} models, {best.ModelMetrics.Max():P1} with one");
        // snippet end
        Assert.IsGreaterThanOrEqualTo(best.ModelMetrics.Max(), best.Metric);
        best.Model.Dispose();
        foreach (TextClassificationTransformer model in models)
            model.Dispose();
    }

    [TestMethod]
    public void Sources()
    {
        using var folder = new TemporaryFolder();
        // snippet sources
        EncoderSource byDefault = EncoderSource.Default;                          // comes with the package

        EncoderSource fromDirectory = EncoderSource.FromDirectory("models/minilm");

        HubEncoderSource fromHub = EncoderSource.FromHub("sentence-transformers/all-MiniLM-L6-v2");
        fromHub.DownloadWhenMissing = true;                                       // or call fromHub.Download(progress) once

        EncoderSource fromScratch = EncoderSource.FromScratch(new ScratchEncoderOptions { LayerCount = 4, HiddenSize = 256 });
        // snippet end
        StringAssert.Contains(byDefault.Description, "default");
        StringAssert.Contains(fromDirectory.Description, "minilm");
        StringAssert.Contains(fromHub.Description, "all-MiniLM-L6-v2");
        StringAssert.Contains(fromScratch.Description, "256");
    }

    [TestMethod]
    public void Embedding()
    {
        var ml = new MLContext(seed: 1);
        IDataView train = ml.Data.LoadFromEnumerable(Tickets.All);
        // snippet embedding
        var pipeline = ml.Transforms.Text.EmbedText("Features", "Text")
            .Append(ml.Transforms.NormalizeMeanVariance("Features", fixZero: false))
            .Append(ml.Transforms.Conversion.MapValueToKey("Label", "Intent"))
            .Append(ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy(l1Regularization: 0, l2Regularization: 10));
        // snippet end
        using var model = pipeline.Fit(train);
        Assert.IsGreaterThan(0.9, ml.MulticlassClassification.Evaluate(model.Transform(train)).MicroAccuracy);
    }

    [TestMethod]
    public void EmbeddingPrompts()
    {
        using var folder = new TemporaryFolder();
        var ml = new MLContext(seed: 1);
        IDataView train = ml.Data.LoadFromEnumerable(Tickets.All);
        Fixtures.EncoderDirectory.Write(folder.Path);
        Directory.CreateDirectory(folder.File("1_Pooling"));
        File.WriteAllText(folder.File("1_Pooling/config.json"), "{}");
        File.WriteAllText(folder.File("modules.json"), """[{"path":"","type":"sentence_transformers.models.Transformer"},{"path":"1_Pooling","type":"sentence_transformers.models.Pooling"}]""");
        File.WriteAllText(folder.File("config_sentence_transformers.json"), """{"prompts":{"query":"query: "}}""");
        EncoderSource encoder = EncoderSource.FromDirectory(folder.Path);
        // snippet embedding_prompts
        var queries = ml.Transforms.Text.EmbedText(new TextEmbeddingOptions
        {
            OutputColumnName = "Features",
            InputColumnName = "Text",
            Encoder = encoder,
            Prompt = EmbeddingPrompt.Named("query"),                              // or None, or FromText("query: ")
        });
        // snippet end
        using var model = queries.Fit(train);
        Assert.IsTrue(model.Transform(train).GetColumn<float[]>("Features").First().All(float.IsFinite));
    }

    [TestMethod]
    public void FewShot()
    {
        var ml = new MLContext(seed: 1);
        IDataView train = ml.Data.LoadFromEnumerable(Tickets.All);
        // snippet setfit
        var pipeline = ml.Transforms.Conversion.MapValueToKey("Label", "Intent")
            .Append(ml.MulticlassClassification.Trainers.SetFit(new SetFitOptions
            {
                Sentence1ColumnName = "Text",
                LabelNameTemplate = "The customer asks about {}.",                // an example of each class by its name
            }));
        // snippet end
        using var model = pipeline.Fit(train);
        Assert.IsGreaterThan(0.9, ml.MulticlassClassification.Evaluate(model.Transform(train)).MicroAccuracy);
    }

    [TestMethod]
    public void SeveralLabels()
    {
        var ml = new MLContext(seed: 1);
        IDataView train = ml.Data.LoadFromEnumerable(Tickets.All.Select((ticket, i) =>
            i % 4 == 3 ? new Ticket { Text = $"{ticket.Text} and where is parcel {i}?", Topics = "refund,delivery" } : new Ticket { Text = ticket.Text, Topics = ticket.Intent }));
        // snippet multilabel
        var pipeline = ml.Transforms.Text.TokenizeIntoWords("Label", "Topics", separators: [','])   // "refund,delivery"; "" for none
            .Append(ml.Transforms.Conversion.MapValueToKey("Label"))
            .Append(ml.FineTuning().SetFitMultiLabel(new SetFitMultiLabelOptions
            {
                Sentence1ColumnName = "Text",
                Strategy = MultiLabelStrategy.ClassifierChain,                    // OneVsRest by default
                Threshold = 0.4f,                                                 // a text has the labels that are more probable
            }))
            .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedTopics", "PredictedLabel"));
        var model = pipeline.Fit(train);
        MultiLabelClassificationMetrics metrics = ml.FineTuning().EvaluateMultiLabel(model.Transform(train));
        // snippet end
        Assert.IsGreaterThan(0.8, metrics.MicroF1);
        foreach ((float[] scores, string[] topics) in model.Transform(train).GetColumn<float[]>("Score").Zip(model.Transform(train).GetColumn<string[]>("PredictedTopics")))
            Assert.HasCount(scores.Count(score => score > 0.4f), topics);
        model.Dispose();
    }

    [TestMethod]
    public void Distillation()
    {
        var ml = new MLContext(seed: 1);
        IDataView tickets = ml.Data.LoadFromEnumerable(Tickets.All), unlabeled = tickets;
        IDataView train = ml.Transforms.Conversion.MapValueToKey("Label", "Intent").Fit(tickets).Transform(tickets);
        (EncoderSource large, EncoderSource small) = (EncoderSource.Default, Small);
        // snippet distillation
        using var teacher = ml.MulticlassClassification.Trainers.SetFit(large, sentence1ColumnName: "Text").Fit(train);
        using var student = ml.MulticlassClassification.Trainers.DistillSetFit(teacher, new SetFitDistillationOptions
        {
            Encoder = small,
            Sentence1ColumnName = "Text",
            LabelledSet = train,                                                  // labels that are known go before the teacher's
            SoftLabels = true,                                                    // the head learns the teacher's probabilities, not its choice
        }).Fit(unlabeled);
        // snippet end
        Assert.IsGreaterThan(0.8, ml.MulticlassClassification.Evaluate(student.Transform(train)).MicroAccuracy);
    }

    [TestMethod]
    public void SelfTraining()
    {
        var ml = new MLContext(seed: 1);
        IDataView train = ml.Data.LoadFromEnumerable(Tickets.All), unlabeled = train;
        // snippet selftraining
        var pipeline = ml.Transforms.Conversion.MapValueToKey("Label", "Intent")
            .Append(ml.MulticlassClassification.Trainers.SelfTrain(new SelfTrainingOptions
            {
                Sentence1ColumnName = "Text",
                Unlabeled = unlabeled,
                Method = new ExpectationMaximization(),
            }));
        // snippet end
        using var model = pipeline.Fit(train);
        Assert.IsGreaterThan(0.5, ml.MulticlassClassification.Evaluate(model.Transform(train)).MicroAccuracy);
    }

    [TestMethod]
    public void Prompts()
    {
        var ml = new MLContext(seed: 1);
        IDataView train = ml.Data.LoadFromEnumerable(Tickets.All);
        // snippet prompts
        var prompted = ml.Transforms.Conversion.MapValueToKey("Label", "Intent")
            .Append(ml.MulticlassClassification.Trainers.FineTune(new TextClassificationOptions
            {
                Sentence1ColumnName = "Text",
                Prompt = new ClozePrompt
                {
                    Template = "{Sentence1} This is about {Mask}.",
                    LabelWords = new Dictionary<string, string[]> { ["refund"] = ["money", "payment"] }, // words for the other classes are found
                },
            }));
        // snippet end
        using var model = prompted.Fit(train);
        Assert.IsGreaterThan(0.4, ml.MulticlassClassification.Evaluate(model.Transform(train)).MicroAccuracy);
    }

    [TestMethod]
    public void Adaptation()
    {
        using var folder = new TemporaryFolder();
        var ml = new MLContext(seed: 1);
        IDataView ownTexts = ml.Data.LoadFromEnumerable(Tickets.All), corpus = ownTexts;
        // snippet adaptation
        EncoderSource adapted = ml.Transforms.Text.AdaptEncoder(new EncoderAdaptationOptions
        {
            OutputDirectory = Path.Combine(folder.Path, "adapted"),
            TaskTexts = ownTexts,                                                 // the task's own texts, without labels
            TaskPretraining = { Training = { Epochs = 1, MaxDuration = TimeSpan.FromMinutes(10) } },
        });

        EncoderSource pretrained = ml.FineTuning().Pretrain(corpus, EncoderSource.Default, Path.Combine(folder.Path, "pretrained"), new EncoderPretrainingOptions
        {
            TextColumnName = "Text",                                              // and, where there are any, document and heading
            Pretraining =
            {
                MaskedLanguageModeling = new MaskedLanguageModeling { Rate = 0.15, Unit = MaskingUnit.WholeWord },
                Contrastive = new ContrastiveLearning { Pairs = PassagePairs.Dropout },
                Training = { Epochs = 1, CheckpointDirectory = Path.Combine(folder.Path, "checkpoints") },
            },
        });
        // snippet end
        foreach (EncoderSource source in (EncoderSource[])[adapted, pretrained])
            using (ml.Transforms.Text.EmbedText("Features", "Text", source).Fit(ownTexts))
                StringAssert.Contains(source.Description, folder.Path);
    }

    [TestMethod]
    public void Search()
    {
        using var folder = new TemporaryFolder();
        var ml = new MLContext(seed: 1);
        IDataView tickets = ml.Data.LoadFromEnumerable(Tickets.All);
        IDataView train = ml.Transforms.Conversion.MapValueToKey("Label", "Intent").Fit(tickets).Transform(tickets);
        EncoderSource encoder = Small;
        const int trials = 2;
        // snippet search
        PeftSearchResult found = ml.FineTuning().SearchPeft(new PeftSearchOptions
        {
            TrainingSet = train,
            Folds = 3,                                                            // or a ValidationSet; a fifth is set aside otherwise
            Trainer = new TextClassificationOptions { Sentence1ColumnName = "Text", Encoder = encoder },
            MaxTrials = trials,
            StorageConnectionString = Path.Combine(folder.Path, "search.db"),     // goes on after a kill; several processes may share it
        });
        found.WriteReport(Path.Combine(folder.Path, "search.html"));
        using TextClassificationTransformer best = found.Knee().Refit(train);     // or WithinBudget(PeftObjective.TrainableParameters, 50_000)
        // snippet end
        Assert.HasCount(trials, found.Trials);
        Assert.IsTrue(File.Exists(folder.File("search.html")));
        Assert.Contains(model => model.Trial.Attributes.Count > 1, found.Front, "the method, and standard errors");
        Assert.IsInstanceOfType<MulticlassTextClassificationTransformer>(best);
    }

    private sealed class Ticket
    {
        public string Text { get; set; } = "";
        public string Intent { get; set; } = "";
        public string Topics { get; set; } = "";
    }

    private sealed class Prediction
    {
        public string PredictedIntent { get; set; } = "";
    }

    private sealed record Request(string Text, float Urgency);

    private sealed record TaggedSentence(string Sentence, string Tags);

    private sealed record Question([property: ColumnName("Question")] string Text, string Context, string Answer, int AnswerStart);

    private sealed record Pair(string Question1, string Question2, bool IsDuplicate);

    private static class Tickets
    {
        public static Ticket[] All { get; } =
            [.. Enumerable.Range(0, 40).Select(i => i % 2 == 0 ? new Ticket { Text = $"where is parcel {i}?", Intent = "delivery" } : new Ticket { Text = $"refund order {i} please", Intent = "refund" })];
    }
}
