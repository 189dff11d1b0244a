using System.Globalization;
using Microsoft.ML;
using MLNet.FineTune.Benchmarks.FewShot;
using MLNet.FineTune.Benchmarks.Peft;

namespace MLNet.FineTune.Benchmarks.Search;

/// <summary>Searches, and trains methods with their defaults on the same rows; all are measured on the same validation and test rows.</summary>
internal static class SearchSuite
{
    /// <summary>One row in this many is set aside for validation.</summary>
    private const int ValidationShare = 5;

    public static void Run(SearchSettings settings)
    {
        var report = new Report("search");
        foreach (string name in settings.DataSets)
            new Comparison(report, name, settings).Run();
        report.PrintTable();
    }

    private sealed class Comparison
    {
        private readonly MLContext _ml;
        private readonly Report _report;
        private readonly string _name;
        private readonly SearchSettings _settings;
        private readonly TextRow[] _rows;
        private readonly IDataView _learn, _validation, _test;

        public Comparison(Report report, string name, SearchSettings settings)
        {
            (_report, _name, _settings, _ml) = (report, name, settings, new MLContext(settings.Seed));
            TsvDataSet data = TsvDataSet.Read(settings.Data, name);
            TextRow[] rows = _rows = ShotSampler.Draw(data.Train, shots: null, settings.Seed, settings.MaxTrain);
            ITransformer keys = _ml.Transforms.Conversion.MapValueToKey("Label").Fit(_ml.Data.LoadFromEnumerable(rows));
            IDataView View(IEnumerable<TextRow> some) => keys.Transform(_ml.Data.LoadFromEnumerable(some.ToList()));
            (_learn, _validation, _test) = (View(rows.Where((_, i) => i % ValidationShare > 0)), View(rows.Where((_, i) => i % ValidationShare == 0)), View(data.Test));
        }

        public void Run()
        {
            foreach (string method in (string[])["full", .. _settings.Fixed])
                Fixed(method);
            var options = new PeftSearchOptions
            {
                TrainingSet = _learn, ValidationSet = _validation, Trainer = Trainer(), MaxTrials = _settings.Trials, Seed = _settings.Seed, Progress = new Lines(_name),
                Name = _name, StorageConnectionString = _settings.Storage,
            };
            _settings.Pruning.Apply(options);
            PeftSearchResult found = _ml.FineTuning().SearchPeft(options);
            foreach (PeftSearchEntry entry in found.Front)
            {
                using TextClassificationTransformer model = entry.Refit(_learn, _validation);
                Add($"{_name}/front/{entry.Trial.Number.ToString(CultureInfo.InvariantCulture)}", model, entry.MethodText);
            }
        }

        private void Fixed(string name)
        {
            PeftExperiment experiment = PeftExperiment.Read(name);
            TextClassificationOptions options = Trainer();
            (options.Peft, options.ValidationSet) = (PeftMethod.Parse(experiment.Method), _validation);
            (options.Training.Epochs, options.Training.LearningRate) = (experiment.Epochs ?? options.Training.Epochs, experiment.LearningRate);
            using TextClassificationTransformer model = _ml.MulticlassClassification.Trainers.FineTune(options).Fit(_learn);
            Add($"{_name}/fixed/{name}", model, experiment.Method);
        }

        private TextClassificationOptions Trainer() => new()
        {
            Sentence1ColumnName = nameof(TextRow.Text), Encoder = _settings.Encoder, MaxLength = _settings.MaxLength, Training = { Epochs = _settings.Epochs },
        };

        private void Add(string @case, TextClassificationTransformer model, string method)
        {
            TrainedModel trained = TrainedModel.Of(model, _rows, rowsPerSecond: 0);
            _report.Add(@case, Accuracy(model, _validation), "accuracy, validation",
                ("test", Accuracy(model, _test)), ("trainable", trained.Trainable), ("trainable_percent", 100.0 * trained.Trainable / trained.Total), ("method", method));
        }

        private double Accuracy(ITransformer model, IDataView rows) => _ml.MulticlassClassification.Evaluate(model.Transform(rows)).MicroAccuracy;
    }

    private sealed class Lines(string name) : IProgress<SearchProgress>
    {
        public void Report(SearchProgress value) => Benchmarks.Report.Progress(string.Create(
            CultureInfo.InvariantCulture, $"{name}: {value.Completed} trials, {value.FrontSize} on the front, best {value.Best?.Values[0]:F4}: {string.Join(", ", value.Best?.Parameters.Select(item => $"{item.Key}={item.Value}") ?? [])}"));
    }
}
