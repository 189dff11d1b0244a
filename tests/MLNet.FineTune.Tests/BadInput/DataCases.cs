using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Tests.Fakes;
using MLNet.FineTune.Tests.Fixtures;

namespace MLNet.FineTune.Tests.BadInput;

/// <summary>What is wrong with the data: columns, labels, texts, weights.</summary>
internal static class DataCases
{
    private static readonly Type Column = typeof(ArgumentOutOfRangeException);
    private static readonly Type Content = typeof(InvalidOperationException);

    public static BadInputCase[] All { get; } =
    [
        new("no data", typeof(ArgumentNullException), w => Workplace.Throwing(() => w.Ml.MulticlassClassification.Trainers.FineTune(w.Options()).Fit(null!)), "data"),
        new("no text column", Column, w => w.Fit(o => o.Sentence1ColumnName = "Body"), "sentence1", "'Body'", "'Text'"),
        new("no second text column", Column, w => w.Fit(o => o.Sentence2ColumnName = "Other"), "sentence2", "'Other'"),
        new("text column of numbers", Column, w => w.Fit(o => o.Sentence1ColumnName = "Weight"), "sentence1", "'Weight'", "text (String)", "Single"),
        new("second text column of numbers", Column, w => w.Fit(o => o.Sentence2ColumnName = "Number"), "sentence2", "'Number'", "Int32"),
        new("text column of features", Column, w => w.Fit(o => o.Sentence1ColumnName = "Values"), "'Values'", "text (String)"),
        new("text column is a key", Column, w => w.Fit(o => (o.Sentence1ColumnName, o.LabelColumnName) = ("Label", "Intent")), "'Label'", "text (String)", "Key"),
        new("no label column", Column, w => w.Fit(o => o.LabelColumnName = "Class"), "label", "'Class'", "'Intent'"),
        new("label is text", Column, w => w.Fit(o => o.LabelColumnName = "Intent"), "'Intent'", "a key", "String", "MapValueToKey"),
        new("label is a number", Column, w => w.Fit(o => o.LabelColumnName = "Weight"), "'Weight'", "a key", "Single", "MapValueToKey"),
        new("label is Boolean for multiclass", Column, w => w.Fit(o => o.LabelColumnName = "Positive"), "'Positive'", "a key", "Boolean"),
        new("label is a vector", Column, w => w.Fit(o => o.LabelColumnName = "Values"), "'Values'", "a key", "not a vector"),
        new("label key has one value", Column, w => w.Fit(data: w.Data(where: row => row.Intent == "login")), "'Label'", "at least two"),
        new("label key is a hash", Column, w => w.Fit(data: Hashed(w)), "'Label'", "16777216", "MapValueToKey"),
        new("binary label is text", Column, w => w.FitBinary(o => o.LabelColumnName = "Intent"), "'Intent'", "Boolean", "String"),
        new("binary label is an integer", Column, w => w.FitBinary(o => o.LabelColumnName = "Number"), "'Number'", "Boolean", "Int32"),
        new("binary label is a key of three", Column, w => w.FitBinary(), "'Label'", "key of two values", "MulticlassClassification"),
        new("no weight column", Column, w => w.Fit(o => o.ExampleWeightColumnName = "Importance"), "example weight", "'Importance'"),
        new("weight is text", Column, w => w.Fit(o => o.ExampleWeightColumnName = "Intent"), "example weight", "'Intent'", "Single or Double"),
        new("weight is NaN", Content, w => Weighted(w, float.NaN), "'Weight'", "row 2", "NaN"),
        new("weight is negative", Content, w => Weighted(w, -0.5f), "'Weight'", "row 2", "-0.5"),
        new("weight is infinite", Content, w => Weighted(w, float.PositiveInfinity), "'Weight'", "row 2", "Infinity"),
        new("weights are all zero", Content, w => w.Fit(o => o.ExampleWeightColumnName = "Weight", w.Data(row => row.Weight = 0)), "'Weight'", "All weights"),
        new("no rows", Content, w => w.Fit(data: w.Ml.Data.FilterRowsByColumn(w.Data(), "Weight", lowerBound: 1000)), "training set has no rows"),
        new("no labels", Content, w => w.Fit(data: w.Data(keyOf: [new Row { Intent = "a" }, new Row { Intent = "b" }])), "None of the 20 rows", "'Label'"),
        new("one class", Content, w => w.Fit(data: w.Ml.Data.FilterRowsByKeyColumnFraction(w.Data(), "Label", 0, 0.3)), "one class", "'Label'"),
        new("one binary class", Content, w => w.FitBinary(o => o.LabelColumnName = "Positive", w.Data(where: row => row.Positive)), "one class, 'True'", "'Positive'"),
        new("texts are null", Content, w => w.Fit(data: w.Data(row => row.Text = null)), "'Text'", "null or empty"),
        new("texts of both columns are empty", Content, w => w.Fit(o => o.Sentence2ColumnName = "Second", w.Data(row => row.Text = row.Second = "")), "'Text' or 'Second'"),
        new("texts have no words to make a vocabulary of", Content, w => w.Fit(data: w.Data(row => row.Text = " \t ")), "no words", "vocabulary"),
        new("a class with one row cannot be split", Content, w => w.Fit(o => o.Training.ValidationFraction = 0.2, w.Data(row => row.Intent = row.Number == 3 ? "login" : row.Number % 2 == 0 ? "refund" : "delivery")), "'login'", "single row", "ValidationFraction"),
        new("validation set has no rows", Content, w => w.Fit(o => o.ValidationSet = w.Ml.Data.FilterRowsByColumn(w.Data(), "Weight", lowerBound: 1000)), "validation set has no rows"),
        new("validation set has other classes", Content, w => w.Fit(o => o.ValidationSet = w.Data(row => row.Intent = row.Intent == "login" ? "sign-in" : row.Intent)), "validation set", "'Label'", "'login'", "'sign-in'"),
        new("validation set has no label", Column, w => w.Fit(o => o.ValidationSet = w.Ml.Data.LoadFromEnumerable(Rows.Make(5))), "'Label'", "ValidationSet"),
        new("validation set has no text", Column, w => w.Fit(o => o.ValidationSet = w.Ml.Transforms.DropColumns("Text").Fit(w.Data()).Transform(w.Data())), "'Text'", "ValidationSet"),
        new("scoring: no text column", Column, w => Score(w, row => new { Body = row.Text }), "sentence1", "'Text'", "'Body'"),
        new("scoring: text column of numbers", Column, w => Score(w, row => new { Text = row.Number }), "'Text'", "text (String)", "Int32"),
        new("scoring: a row type without the text", Column, w => Engine(w), "'Text'", "'Number'"),
        new("importance: no label", Column, w => Importance(w, "Nowhere"), "'Nowhere'", "label"),
    ];

    private static void Weighted(Workplace w, float weight) =>
        w.Fit(o => o.ExampleWeightColumnName = "Weight", w.Data(row => row.Weight = row.Number == 2 ? weight : 1));

    private static void Score<T>(Workplace w, Func<Row, T> select) where T : class
    {
        using var model = Tiny.Fit(w.Ml, Tiny.Options("head", epochs: 1), rows: 16);
        Workplace.Throwing(() => model.Transform(w.Ml.Data.LoadFromEnumerable(Rows.Make(3).Select(select))));
    }

    private static void Engine(Workplace w)
    {
        using var model = Tiny.Fit(w.Ml, Tiny.Options("head", epochs: 1), rows: 16);
        Workplace.Throwing(() => w.Ml.Model.CreatePredictionEngine<MulticlassResultWithoutText, MulticlassResult>(model).Dispose());
    }

    private static void Importance(Workplace w, string label)
    {
        using var model = Tiny.Fit(w.Ml, Tiny.Options("head", epochs: 1), rows: 16);
        Workplace.Throwing(() => w.Ml.FineTuning().PermutationFeatureImportance(model, w.Data(), label));
    }

    private static IDataView Hashed(Workplace w)
    {
        IDataView data = w.Ml.Data.LoadFromEnumerable(Rows.Make(20));
        return w.Ml.Transforms.Conversion.Hash("Label", nameof(Row.Intent), numberOfBits: 31).Fit(data).Transform(data);
    }

    private sealed class MulticlassResultWithoutText
    {
        public int Number { get; set; }
    }
}
