using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.FineTune.Tests.FewShot;

/// <summary>A text on food, on travel, on both or on neither, with its labels as text and as an indicator.</summary>
internal sealed class TopicRow
{
    public string Text { get; set; } = "";

    public string Topics { get; set; } = "";

    [VectorType(2)]
    public bool[] Indicator { get; set; } = new bool[2];
}

internal static class Topics
{
    private static readonly string[] Food = ["the soup was tasty", "I cooked pasta for dinner", "fresh bread and cheese", "this cake is delicious", "a bowl of rice with vegetables", "we ate pizza", "the chef made a salad", "grilled fish for lunch"];
    private static readonly string[] Travel = ["our flight to Rome", "the train left the station", "a hotel near the airport", "we visited the old town", "my passport and a suitcase", "a bus tour of the island", "we drove across the border", "a ticket for the ferry"];
    private static readonly string[] Neither = ["the printer is out of ink", "my computer needs an update", "he signed the contract", "the meeting is at noon", "please close the window", "the exam was hard", "the password has expired", "she fixed the keyboard"];

    /// <summary>Three quarters of the texts to learn from, or the last quarter.</summary>
    public static List<TopicRow> Make(bool test = false)
    {
        List<TopicRow> rows = [];
        for (int i = 0; i < Food.Length; i++)
        {
            if (i % 4 == 3 != test)
                continue;
            rows.Add(Row(Food[i], food: true, travel: false));
            rows.Add(Row(Travel[i], food: false, travel: true));
            rows.Add(Row($"{Food[i]}, {Travel[(i + 4) % 8]}", food: true, travel: true));
            rows.Add(Row(Neither[i], food: false, travel: false));
        }
        return rows;
    }

    public static IDataView Load(MLContext ml, bool test = false) => ml.Data.LoadFromEnumerable(Make(test));

    /// <summary>Labels from text to a vector of keys, ready to be fitted.</summary>
    public static IEstimator<ITransformer> Keys(MLContext ml) =>
        ml.Transforms.Text.TokenizeIntoWords("Label", nameof(TopicRow.Topics), [',']).Append(ml.Transforms.Conversion.MapValueToKey("Label"));

    public static IDataView LoadKeys(MLContext ml, bool test = false) => Keys(ml).Fit(Load(ml)).Transform(Load(ml, test));

    private static TopicRow Row(string text, bool food, bool travel) => new()
    {
        Text = text,
        Topics = string.Join(',', (string[])[.. food ? ["food"] : Array.Empty<string>(), .. travel ? ["travel"] : Array.Empty<string>()]),
        Indicator = [food, travel],
    };
}
