using MLNet.FineTune.Search.Tests.Fixtures;

namespace MLNet.FineTune.Search.Tests.Storage;

[TestClass]
public sealed class StudyDefinitionTests
{
    [TestMethod]
    [DataRow("")]
    [DataRow("  ")]
    [DataRow("a\nb")]
    public void Validate_NameThatCannotBeUsed_SaysSo(string name) =>
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>((Studies.One with { Name = name }).Validate).Message, "Name of the study");

    [TestMethod]
    public void Validate_Objectives_AtLeastOneWithDifferentNames()
    {
        SearchObjective objective = Studies.One.Objectives[0];

        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>((Studies.One with { Objectives = [] }).Validate).Message, "at least one");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>((Studies.One with { Objectives = [objective, objective] }).Validate).Message, "two objectives named 'accuracy'");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>((Studies.One with { Objectives = [objective with { Name = "" }] }).Validate).Message, "no name");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>((Studies.One with { Objectives = [objective with { Direction = (ObjectiveDirection)7 }] }).Validate).Message, "Direction");
    }
}
