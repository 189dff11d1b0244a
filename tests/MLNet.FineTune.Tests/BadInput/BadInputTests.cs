namespace MLNet.FineTune.Tests.BadInput;

/// <summary>Every mistake is answered with the documented exception, a message that names it, and no file left behind.</summary>
[TestClass]
public sealed class BadInputTests
{
    private static readonly BadInputCase[] Cases = [.. DataCases.All, .. OptionCases.All, .. TrainingCases.All, .. EncoderCases.All, .. WeightsCases.All, .. HubCases.All, .. ModelCases.All, .. PretrainingCases.All];

    public static IEnumerable<object[]> Names => Cases.Select(@case => new object[] { @case.Name });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Mistake(string name)
    {
        BadInputCase @case = Cases.Single(c => c.Name == name);
        using var place = new Workplace();
        Exception? thrown = null;
        try
        {
            @case.Act(place);
        }
        catch (Workplace.Expected e)
        {
            thrown = e.InnerException;
        }
        Assert.IsNotNull(thrown, "nothing was thrown");
        // In the detailed results all messages can be read one after the other, as a user would.
        Console.WriteLine($"{thrown.GetType().Name}: {thrown.Message}");
        Assert.AreEqual(@case.Exception, thrown.GetType(), thrown.ToString());
        foreach (string part in @case.Says)
            StringAssert.Contains(thrown.Message, part);
        Assert.IsEmpty(place.Left, string.Join(", ", place.Left));
    }

    [TestMethod]
    public void Names_are_unique() => CollectionAssert.AllItemsAreUnique(Cases.Select(@case => @case.Name).ToArray());
}
